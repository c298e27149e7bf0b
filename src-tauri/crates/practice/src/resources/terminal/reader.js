// The display is asked for every second and replaced only when it changed, so that a button keeps its focus.
const display = document.getElementById("display");
let seen = null;
setInterval(async () => {
  try {
    const answer = await fetch(location.pathname + "/display");
    if (!answer.ok) return;
    const text = await answer.text();
    if (seen !== null && text !== seen) display.innerHTML = text;
    seen = text;
  } catch {
    // The practice Stripe has stopped: what was shown last stays.
  }
}, 1000);
