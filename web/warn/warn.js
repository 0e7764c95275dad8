/* The page for everybody: asks every few seconds whether there is an alarm, and rings.
   ECMAScript 5 and XMLHttpRequest only, so that a phone of 2012 can use it. */
(function () {
  'use strict';
  var ASK_MS = 3000, TIMEOUT_MS = 8000, LOST_S = 20, STROKE_MS = 700;
  var WORDS = {
    fr: {
      alarm: 'ALARME', 'all-clear': 'Fin d’alerte', calm: 'Pas d’alarme', unknown: 'État inconnu',
      listening: 'Tocsin écoute. Dernière réponse : {t}',
      deaf: 'Tocsin n’entend rien en ce moment : le silence ne prouve pas la sécurité.',
      lost: 'Pas de liaison depuis {s} s : cette page ne peut pas vous avertir.',
      joining: 'Connexion …', since: 'depuis {t} UTC', at: 'à {t} UTC',
      off: 'Touchez ici pour activer la sonnerie', on: 'La sonnerie est activée', ringing: 'Faire taire la sonnerie',
      drill: 'EXERCICE', demo: 'DÉMONSTRATION : rien n’est réel.'
    },
    en: {
      alarm: 'ALARM', 'all-clear': 'All clear', calm: 'No alarm', unknown: 'State unknown',
      listening: 'Tocsin is listening. Last answer: {t}',
      deaf: 'Tocsin hears nothing at the moment: silence is no proof of safety.',
      lost: 'No connection for {s} s: this page cannot warn you.',
      joining: 'Connecting …', since: 'since {t} UTC', at: 'at {t} UTC',
      off: 'Touch here to turn the bell on', on: 'The bell is on', ringing: 'Silence the bell',
      drill: 'DRILL', demo: 'DEMONSTRATION: nothing is real.'
    }
  };
  var language = /[?&]lang=en\b/.test(location.search) ? 'en' : /[?&]lang=fr\b/.test(location.search) ? 'fr'
    : /^en/.test(navigator.language || '') ? 'en' : 'fr';
  var state = null, answeredAt = 0, audio = null, ringing = 0, hushed = {}, levels = {}, drawn = '';
  function el(id) { return document.getElementById(id); }
  function say(key, values) {
    return WORDS[language][key].replace(/\{(\w)\}/g, function (all, name) { return values ? values[name] : all; });
  }
  function tie(text) { return text.replace(/ ([:;!?])/g, '\u00a0$1'); }
  function two(n) { return (n < 10 ? '0' : '') + n; }
  function clock(t) { var d = new Date(t * 1000); return two(d.getUTCHours()) + ':' + two(d.getUTCMinutes()); }
  function local(ms) { var d = new Date(ms); return two(d.getHours()) + ':' + two(d.getMinutes()) + ':' + two(d.getSeconds()); }
  function tag(name, className, text) {
    var node = document.createElement(name);
    node.className = className;
    node.appendChild(document.createTextNode(text));
    return node;
  }

  function silence() { return answeredAt ? (new Date().getTime() - answeredAt) / 1000 : 0; }
  function lost() { return silence() > LOST_S; }

  function zoneBox(zone) {
    var level = lost() && zone.level === 'calm' ? 'unknown' : zone.level;
    var box = document.createElement('div');
    box.className = 'zone ' + level;
    box.setAttribute('data-level', level);
    box.appendChild(tag('h1', '', zone.names[language] || zone.names.fr || zone.names.en || ''));
    box.appendChild(tag('p', 'word', (zone.drill ? say('drill') + ' · ' : '') + say(level)));
    var texts = zone.texts && zone.texts[language];
    if (texts) {
      box.appendChild(tag('p', 'what', tie(texts[0])));
      box.appendChild(tag('p', 'do', tie(texts[1])));
    }
    if (zone.t) box.appendChild(tag('p', 'when', say(level === 'alarm' ? 'since' : 'at', { t: clock(zone.t) })));
    return box;
  }

  function draw() {
    document.documentElement.lang = language;
    el('fr').setAttribute('aria-pressed', String(language === 'fr'));
    el('en').setAttribute('aria-pressed', String(language === 'en'));
    document.body.className = !answeredAt ? 'joining' : lost() ? 'lost' : '';
    el('line').textContent = !answeredAt ? say('joining')
      : lost() ? say('lost', { s: Math.round(silence()) })
      : state && !state.listening ? say('deaf') : say('listening', { t: local(answeredAt) });
    el('sound').setAttribute('data-on', audio ? 'yes' : 'no');
    el('sound').setAttribute('data-playing', ringing ? 'alarm' : 'none');
    el('sound').textContent = say(!audio ? 'off' : ringing ? 'ringing' : 'on');
    if (!state) return;
    el('site').textContent = state.site;
    el('demo').hidden = !state.demo;
    el('demo').textContent = say('demo');
    // The zones are spoken when they change, not every three seconds.
    var now = JSON.stringify([state.zones, language, lost()]);
    if (now === drawn) return;
    drawn = now;
    var zones = el('zones');
    while (zones.firstChild) zones.removeChild(zones.firstChild);
    for (var i = 0; i < state.zones.length; i++) zones.appendChild(zoneBox(state.zones[i]));
  }

  function tone(hz, loud, seconds, delay) {
    if (!audio) return;
    var start = audio.currentTime + delay, wave = audio.createOscillator(), gain = audio.createGain();
    wave.frequency.value = hz;
    gain.gain.setValueAtTime(0.0001, start);
    gain.gain.exponentialRampToValueAtTime(loud, start + 0.01);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + seconds);
    wave.connect(gain);
    gain.connect(audio.destination);
    wave.start(start);
    wave.stop(start + seconds);
  }
  function strike() { tone(520, 0.5, 1.4, 0); tone(1040, 0.35, 0.7, 0); tone(624, 0.25, 1, 0); }
  function allClear() { for (var i = 0; i < 3; i++) tone(440, 0.4, 1.5, i * 1.2); }

  function ring() {
    var wanted = false;
    for (var i = 0; state && i < state.zones.length; i++) {
      var zone = state.zones[i], key = (zone.names.fr || zone.names.en) + i;
      if (zone.level === 'alarm' && !hushed[zone.mark]) wanted = true;
      if (levels[key] === 'alarm' && zone.level === 'all-clear') allClear();
      levels[key] = zone.level;
    }
    if (wanted && !ringing) { strike(); ringing = setInterval(strike, STROKE_MS); }
    if (!wanted && ringing) { clearInterval(ringing); ringing = 0; }
  }

  function ask() {
    var request = new XMLHttpRequest();
    request.open('GET', '/warn/state.json?at=' + new Date().getTime());
    request.timeout = TIMEOUT_MS;
    request.onload = function () {
      if (request.status !== 200) return;
      try { state = JSON.parse(request.responseText); } catch (error) { return; }
      answeredAt = new Date().getTime();
      ring();
      draw();
    };
    request.onloadend = function () { setTimeout(ask, ASK_MS); };
    request.send();
  }

  el('sound').onclick = function () {
    if (!audio) {
      var Audio = window.AudioContext || window.webkitAudioContext;
      if (!Audio) return;
      audio = new Audio();
      if (audio.resume) audio.resume();
      strike();
      ring();
    } else if (ringing) {
      for (var i = 0; i < state.zones.length; i++) if (state.zones[i].mark) hushed[state.zones[i].mark] = true;
      ring();
    }
    draw();
  };
  el('fr').onclick = function () { language = 'fr'; draw(); };
  el('en').onclick = function () { language = 'en'; draw(); };
  setInterval(draw, 1000);
  draw();
  ask();
}());
