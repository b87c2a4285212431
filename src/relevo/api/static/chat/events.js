/** A stream of server-sent events over fetch: unlike EventSource it can say who asks, as the widget must. */

const SILENCE_MS = 40_000; // the server says something every 15 s: a line that is silent longer is dead

/**
 * Reads `request(signal)`, a fetch, until it ends or breaks; `opened()` says that the server answered, and
 * `heard(type, data)` takes each event. Resolves when the stream is over, for whatever reason.
 */
export async function readEvents(request, stop, { opened, heard }) {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  const abort = () => silence.abort();
  stop.addEventListener("abort", abort);
  try {
    const response = await request(silence.signal);
    if (!response.ok || !response.body) return;
    opened();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      const frames = (rest + part.value).split("\n\n");
      rest = frames.pop();
      if (!stop.aborted) frames.map(event).forEach((one) => one && heard(one.type, one.data));
    }
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof DOMException)) throw error; // the network, or we, ended it
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", abort);
  }
}

// Our server writes one `event:` and one `data:` line in each frame; comments keep the line alive.
function event(frame) {
  const field = (name) => frame.split("\n").find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const data = field("data");
  return data === undefined ? null : { type: field("event"), data: JSON.parse(data) };
}
