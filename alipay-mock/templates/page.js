// Keeps the page up to date, and posts its forms as JSON. Without it, the page is there to look at.
'use strict';

const live = document.getElementById('live');
const said = document.getElementById('said');
document.documentElement.classList.add('scripted');

// What the gateway says to a click.
let silence;
const say = (text) => {
  said.textContent = text;
  said.hidden = false;
  clearTimeout(silence);
  silence = setTimeout(() => { said.hidden = true; }, 6000);
};

// Makes `old` like `fresh`. What is the same stays, with what is open, focused, selected and scrolled in it.
const update = (old, fresh) => {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = fresh.nodeValue;
    return;
  }
  // Readers open and close details, and write into fields.
  const isTheirs = (name) => name === 'open' || (name === 'value' && old.matches('input:not([type=hidden])'));
  for (const { name, value } of fresh.attributes) {
    if (!isTheirs(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const name of old.getAttributeNames()) {
    if (!isTheirs(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  let at = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const known = child.id ? document.getElementById(child.id) : at;
    const fits = known && !known.contains(old) && known.nodeName === child.nodeName && (known.id || '') === (child.id || '');
    if (!fits) {
      keepOpen(child);
      old.insertBefore(child, at);
      continue;
    }
    if (known === at) at = at.nextSibling;
    else old.insertBefore(known, at);
    update(known, child);
  }
  while (at) {
    const next = at.nextSibling;
    if (!isRead(at)) at.remove();
    at = next;
  }
};

// A call that is open stays until it is closed, although newer ones have taken its place in the list.
const isRead = (node) =>
  node.id && document.getElementById(node.id) === node && node.querySelector(':scope > .call[open]');

// Details that moved to another place stay open.
const keepOpen = (fresh) => {
  if (fresh.nodeType !== Node.ELEMENT_NODE) return;
  for (const details of [fresh, ...fresh.querySelectorAll('details[id]')]) {
    const known = details.id && document.getElementById(details.id);
    if (known && known.open) details.open = true;
  }
};

// Asks for the page once more. One request at a time, and none while nobody looks.
let asks = false;
let isStale = false;
const refresh = async () => {
  isStale = true;
  if (asks || document.hidden) return;
  asks = true;
  isStale = false;
  try {
    const response = await fetch(location.pathname + location.search);
    if (response.ok) {
      const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
      update(document.getElementById('main'), fresh.getElementById('main'));
    }
  } catch {
    // The events say whether the gateway is there.
  }
  asks = false;
  if (isStale) refresh();
};
// Listens while somebody looks: a browser has few connections for all its pages of one gateway.
let version = document.documentElement.dataset.version;
let events;
const listen = () => {
  events?.close();
  if (document.hidden) return;
  events = new EventSource('/_mock/events');
  events.onmessage = (event) => {
    live.textContent = 'live';
    if (event.data === version) return;
    version = event.data;
    refresh();
  };
  events.onerror = () => {
    live.textContent = events.readyState === EventSource.CLOSED ? 'not live: load the page again to see more' : 'not connected';
  };
};
document.addEventListener('visibilitychange', () => {
  listen();
  if (isStale) refresh();
});
addEventListener('pagehide', () => events?.close());
addEventListener('pageshow', (event) => { if (event.persisted) listen(); });
listen();

// A clock that runs goes on, in Beijing's time.
let shown = {};
setInterval(() => {
  const clock = document.querySelector('.now[data-millis]');
  if (!clock) return;
  const { millis } = clock.dataset;
  if (millis !== shown.millis) shown = { millis, since: performance.now() };
  const now = Number(millis) + performance.now() - shown.since + 8 * 3600 * 1000;
  clock.textContent = new Date(now).toISOString().slice(0, 19).replace('T', ' ');
}, 1000);

// Forms become JSON. A button adds its own name and value, and may have its own action.
document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (!form.classList.contains('script')) return;
  event.preventDefault();
  const body = {};
  for (const [name, value] of new FormData(form, event.submitter)) if (value) body[name] = value;
  if (body.now) body.unix_millis = Date.now();
  if (body.beijing) body.unix_millis = Date.parse(`${body.beijing}+08:00`);
  delete body.now;
  delete body.beijing;
  const action = event.submitter?.getAttribute('formaction') || form.getAttribute('action');
  const method = form.dataset.method || 'POST';
  try {
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch(action, { method, headers, body: method === 'POST' ? JSON.stringify(body) : undefined });
    const result = await response.json();
    say(response.ok ? `${action.split('/').pop()}: done` : result.error);
  } catch {
    say('The gateway does not respond.');
  }
  refresh();
});

// Operations are found while one writes.
const find = document.querySelector('.find input');
let pause;
find.addEventListener('input', () => {
  if (location.search.includes('operation=')) return;
  clearTimeout(pause);
  pause = setTimeout(() => {
    history.replaceState(null, '', find.value.trim() ? `/?find=${encodeURIComponent(find.value.trim())}` : '/');
    refresh();
  }, 200);
});

// Commands can be copied with a click, where the browser allows it.
if (navigator.clipboard) document.documentElement.classList.add('copies');
document.addEventListener('click', async (event) => {
  if (!event.target.classList.contains('copying')) return;
  await navigator.clipboard.writeText(event.target.previousElementSibling.textContent);
  say('Copied.');
});

// A link to a call, or to the guide, opens it.
const openTarget = () => {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  for (let at = target; at; at = at.parentElement) if (at.nodeName === 'DETAILS') at.open = true;
  const details = target && target.querySelector(':scope > details');
  if (details) details.open = true;
};
addEventListener('hashchange', openTarget);
openTarget();
