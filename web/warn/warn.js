/* The page for everybody: asks every few seconds whether there is an alarm, and rings.
   ECMAScript 5 and XMLHttpRequest only, so that a phone of 2012 can use it. */
(function () {
  'use strict';
  var ASK_MS = 3000, TIMEOUT_MS = 8000, LOST_S = 20, STROKE_MS = 700, DRILL_MS = 3000;
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
    },
    ar: {
      alarm: 'إنذار', 'all-clear': 'انتهاء الإنذار', calm: 'لا إنذار', unknown: 'الحالة غير معروفة',
      listening: 'توكسين يستمع. آخر جواب: {t}',
      deaf: 'لا يسمع توكسين شيئًا الآن: الصمت ليس دليلًا على الأمان.',
      lost: 'لا اتصال منذ {s} ثانية: لا يمكن لهذه الصفحة أن تحذّركم.',
      joining: 'جارٍ الاتصال …', since: 'منذ {t} UTC', at: 'في {t} UTC',
      off: 'المسوا هنا لتفعيل الجرس', on: 'الجرس مفعّل', ringing: 'إسكات الجرس',
      drill: 'تمرين', demo: 'عرض تجريبي: لا شيء حقيقي.'
    },
    ha: {
      alarm: 'HAƊARI', 'all-clear': 'Ƙarshen haɗari', calm: 'Babu haɗari', unknown: 'Ba a san halin ba',
      listening: 'Tocsin yana sauraro. Amsa ta ƙarshe: {t}',
      deaf: 'A yanzu Tocsin ba ya jin komai: shiru ba shaidar tsira ba ce.',
      lost: 'Babu haɗi tun daƙiƙoƙi {s}: wannan shafi ba zai iya yi muku gargaɗi ba.',
      joining: 'Ana haɗawa …', since: 'tun {t} UTC', at: 'da {t} UTC',
      off: 'Ku taɓa nan don kunna ƙararrawa', on: 'Ƙararrawa tana kunne', ringing: 'Ku kashe ƙararrawa',
      drill: 'ATISAYE', demo: 'GWAJI: babu abin da yake gaskiya.'
    },
    bm: {
      alarm: 'FARATI', 'all-clear': 'Farati banna', calm: 'Farati tɛ', unknown: 'Cogoya ma dɔn',
      listening: 'Tocsin bɛ ka lamɛnni kɛ. Jaabi laban: {t}',
      deaf: 'Sisan Tocsin tɛ foyi mɛn: makun tɛ lakana dalilu ye.',
      lost: 'Jɛɲɔgɔnya tɛ kabini segɔndi {s}: nin ɲɛ in tɛ se ka aw lasɔmi.',
      joining: 'A bɛ ka jɛ …', since: 'kabini {t} UTC', at: '{t} UTC',
      off: 'Aw ka maga yan na ka mankan dayɛlɛ', on: 'Mankan bɛ dayɛlɛn', ringing: 'Aw ka mankan dagu',
      drill: 'DEGELI', demo: 'JIRALI: tiɲɛ tɛ.'
    }
  };
  var RIGHT_TO_LEFT = { ar: true };
  function wanted() {
    var asked = (/[?&]lang=([a-z]+)/.exec(location.search) || [])[1];
    var preferred = (navigator.languages || [navigator.language || '']).slice(0);
    preferred.unshift(asked || '');
    for (var i = 0; i < preferred.length; i++) {
      var tag = preferred[i].toLowerCase().split('-')[0];
      if (WORDS.hasOwnProperty(tag)) return tag;
    }
    return 'fr';
  }
  var language = wanted();
  var state = null, answeredAt = 0, audio = null, ringing = 0, playing = '', hushed = {}, levels = {}, drawn = '';
  function el(id) { return document.getElementById(id); }
  function say(key, values) {
    var isolate = RIGHT_TO_LEFT[language];
    return WORDS[language][key].replace(/\{(\w)\}/g, function (all, name) {
      return !values ? all : isolate ? '\u2068' + values[name] + '\u2069' : values[name];
    });
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
    var texts = zone.texts && (zone.texts[language] || zone.texts.fr || zone.texts.en);
    if (texts) {
      box.appendChild(tag('p', 'what', tie(texts[0])));
      box.appendChild(tag('p', 'do', tie(texts[1])));
    }
    if (zone.t) box.appendChild(tag('p', 'when', say(level === 'alarm' ? 'since' : 'at', { t: clock(zone.t) })));
    return box;
  }

  function otherBox(other) {
    var box = document.createElement('div'), texts = other.texts || {}, first = '', tag_;
    for (tag_ in texts) if (!first) first = tag_;
    var told = texts[language] || texts[first] || ['', ''];
    box.className = 'zone other' + (other.alarm ? ' alarm' : '');
    box.dir = 'auto';
    box.appendChild(tag('h1', '', (other.drill ? say('drill') + ' · ' : '') + other.sender));
    box.appendChild(tag('p', 'what', tie(told[0])));
    box.appendChild(tag('p', 'do', tie(told[1])));
    box.appendChild(tag('p', 'when', other.where + ' · → ' + clock(other.until_t) + ' UTC'));
    return box;
  }

  function draw() {
    document.documentElement.lang = language;
    document.documentElement.dir = RIGHT_TO_LEFT[language] ? 'rtl' : 'ltr';
    for (var tag in WORDS) if (WORDS.hasOwnProperty(tag)) el(tag).setAttribute('aria-pressed', String(language === tag));
    document.body.className = !answeredAt ? 'joining' : lost() ? 'lost' : '';
    el('line').textContent = !answeredAt ? say('joining')
      : lost() ? say('lost', { s: Math.round(silence()) })
      : state && !state.listening ? say('deaf') : say('listening', { t: local(answeredAt) });
    el('sound').setAttribute('data-on', audio ? 'yes' : 'no');
    el('sound').setAttribute('data-playing', playing || 'none');
    el('sound').textContent = say(!audio ? 'off' : playing ? 'ringing' : 'on');
    if (!state) return;
    el('site').textContent = state.site;
    el('demo').hidden = !state.demo;
    el('demo').textContent = say('demo');
    // The zones are spoken when they change, not every three seconds.
    var now = JSON.stringify([state.zones, state.authorities, language, lost()]);
    if (now === drawn) return;
    drawn = now;
    var zones = el('zones');
    while (zones.firstChild) zones.removeChild(zones.firstChild);
    for (var i = 0; i < state.zones.length; i++) zones.appendChild(zoneBox(state.zones[i]));
    var others = state.authorities || [];
    for (i = 0; i < others.length; i++) zones.appendChild(otherBox(others[i]));
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
  function drill() { tone(660, 0.3, 0.5, 0); tone(440, 0.3, 0.9, 0.6); }
  function allClear() { for (var i = 0; i < 3; i++) tone(440, 0.4, 1.5, i * 1.2); }

  function ring() {
    var wanted = '', others = (state && state.authorities) || [];
    for (var j = 0; j < others.length; j++) {
      if (others[j].alarm && !hushed[others[j].mark]) wanted = wanted === 'alarm' || !others[j].drill ? 'alarm' : 'drill';
    }
    for (var i = 0; state && i < state.zones.length; i++) {
      var zone = state.zones[i], key = (zone.names.fr || zone.names.en) + i;
      if (zone.level === 'alarm' && !hushed[zone.mark]) wanted = wanted === 'alarm' || !zone.drill ? 'alarm' : 'drill';
      if (levels[key] === 'alarm' && zone.level === 'all-clear') allClear();
      levels[key] = zone.level;
    }
    if (wanted === playing) return;
    clearInterval(ringing);
    playing = wanted;
    if (!playing) return;
    var sound = playing === 'alarm' ? strike : drill;
    sound();
    ringing = setInterval(sound, playing === 'alarm' ? STROKE_MS : DRILL_MS);
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
    } else if (playing) {
      for (var i = 0; i < state.zones.length; i++) if (state.zones[i].mark) hushed[state.zones[i].mark] = true;
      for (i = 0; i < (state.authorities || []).length; i++) hushed[state.authorities[i].mark] = true;
      ring();
    }
    draw();
  };
  function choose(tag) { el(tag).onclick = function () { language = tag; draw(); }; }
  for (var tag_ in WORDS) if (WORDS.hasOwnProperty(tag_)) choose(tag_);
  setInterval(draw, 1000);
  draw();
  ask();
}());
