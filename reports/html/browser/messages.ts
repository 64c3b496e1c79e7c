/** Shows and hides messages of the message sequence, which is in the page already. */

/** Brings the buttons to life; does nothing on a page without messages. */
export function listenToMessageToggles(): void {
  const toggles = document.querySelector<HTMLElement>("#message-toggles");
  const picture = document.querySelector<SVGElement>("svg.sequence");
  if (toggles === null || picture === null) return;
  toggles.hidden = false;
  for (const button of toggles.querySelectorAll("button")) {
    button.addEventListener("click", () => {
      const isShown = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(isShown));
      const label = button.dataset["messageLabel"];
      if (label === undefined) {
        picture.classList.toggle("with-background", isShown);
        return;
      }
      for (const message of picture.querySelectorAll<SVGElement>("g.message")) {
        if (message.dataset["label"] === label) message.classList.toggle("hidden", !isShown);
      }
    });
  }
}
