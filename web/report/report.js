/* The page on which people report: a picture, a direction, one press. ECMAScript 5 only.
   risk, thanks and many are the sentences of the warning catalogue; a test compares them. */
(function () {
  'use strict';
  var AGAIN_MS = 8000, OLDEST_S = 3600, KEPT = 'tocsin-report', STEP = 100;
  var WORDS = {
    fr: {
      risk: "Signaler peut comporter un risque. Ne signalez que si vous êtes en sécurité. Les signalements ne vont qu’à la protection civile, et votre nom n’est pas gardé avec eux.",
      thanks: "Votre signalement est arrivé. Merci. Abritez-vous d’abord.",
      many: "Beaucoup de signalements sont venus de votre secteur. Inutile d’en envoyer d’autres.",
      title: "Signaler un drone",
      heard: "Entendu",
      seen: "Vu",
      dropped: "Tombé, ou a lâché quelque chose",
      gone: "Parti",
      where: "De quel côté ?",
      compass: "Boussole du téléphone",
      post: "Numéro du panneau",
      send: "ENVOYER",
      waiting: "Pas de réseau : il partira tout seul.",
      listen: "Écouter",
      unclear: "N’a pas pu être reçu. Vérifiez le numéro du panneau.",
      rose: "N NE E SE S SO O NO"
    },
    en: {
      risk: "Reporting can carry risk. Report only if it is safe for you. Reports go to civil protection only, and your name is not kept with them.",
      thanks: "Your report has arrived. Thank you. Take cover first.",
      many: "Many reports have come from your area. You need not send more.",
      title: "Report a drone",
      heard: "Heard",
      seen: "Seen",
      dropped: "Fell, or dropped something",
      gone: "Gone",
      where: "On which side?",
      compass: "Compass of the phone",
      post: "Number on the sign",
      send: "SEND",
      waiting: "No network: it will go by itself.",
      listen: "Listen",
      unclear: "Could not be taken. Check the number on the sign.",
      rose: "N NE E SE S SW W NW"
    },
    ar: {
      risk: "قد ينطوي الإبلاغ على خطر. لا تبلغوا إلا إذا كنتم في أمان. تصل البلاغات إلى الحماية المدنية وحدها، ولا يُحفظ اسمكم معها.",
      thanks: "وصل بلاغكم. شكرًا. احتموا أولًا.",
      many: "وصلت بلاغات كثيرة من منطقتكم. لا حاجة إلى إرسال المزيد.",
      title: "الإبلاغ عن طائرة مسيّرة",
      heard: "سُمعت",
      seen: "شوهدت",
      dropped: "سقطت أو ألقت شيئًا",
      gone: "ذهبت",
      where: "من أي جهة؟",
      compass: "بوصلة الهاتف",
      post: "رقم اللوحة",
      send: "أرسلوا",
      waiting: "لا توجد شبكة: سيُرسل وحده.",
      listen: "استمعوا",
      unclear: "لم يُقبل. تحققوا من رقم اللوحة.",
      rose: "شمال ش.ش شرق ج.ش جنوب ج.غ غرب ش.غ"
    },
    ha: {
      risk: "Ba da rahoto yana iya zama da haɗari. Ku ba da rahoto sai idan ba haɗari a gare ku. Rahotanni suna zuwa ga hukumar kare fararen hula kaɗai, kuma ba a ajiye sunanku tare da su.",
      thanks: "Rahotonku ya iso. Mun gode. Ku fara neman mafaka.",
      many: "Rahotanni da yawa sun zo daga yankinku. Ba sai kun ƙara aikawa ba.",
      title: "Ku ba da rahoton jirgi marar matuƙi",
      heard: "An ji",
      seen: "An gani",
      dropped: "Ya faɗi ko ya jefa wani abu",
      gone: "Ya tafi",
      where: "Ta wane gefe?",
      compass: "Kamfas na waya",
      post: "Lambar allo",
      send: "AIKA",
      waiting: "Babu sadarwa: zai tafi da kansa.",
      listen: "Ku saurara",
      unclear: "Ba a karɓa ba. Ku duba lambar allo.",
      rose: "A AG G KG K KY Y AY"
    },
    bm: {
      risk: "Kunnafoni dili bɛ se ka kɛ farati ye. Aw kana kunnafoni di ni farati bɛ aw kan. Kunnafoniw bɛ taa jamana lakanabaaw dɔrɔn ma, wa aw tɔgɔ tɛ mara n’u ye.",
      thanks: "Aw ka kunnafoni sera. Aw ni ce. Aw k’aw dogo fɔlɔ.",
      many: "Kunnafoni caman bɔra aw ka sigida la. Aw man kan ka wɛrɛ ci.",
      title: "Drɔni kunnafoni",
      heard: "A mɛnna",
      seen: "A yera",
      dropped: "A binna walima a ye fɛn dɔ bila",
      gone: "A taara",
      where: "Fan jumɛn fɛ?",
      compass: "Telefɔni ka busɔli",
      post: "Walan nimɔrɔ",
      send: "A CI",
      waiting: "Rezo tɛ: a bɛna taa a yɛrɛ ma.",
      listen: "Aw ka lamɛn",
      unclear: "A ma sɔn. Aw ka walan nimɔrɔ filɛ.",
      rose: "S SK K WK W WT T ST"
    }
  };
  var SAID = ['heard', 'seen', 'dropped', 'gone'];
  var language = wanted(), said = '', azimuth = null, compass = false, answer = '', sending = false;
  var post = (/[?&]p=([0-9]{1,4})(&|$)/.exec(location.search) || [])[1] || '';
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
  function el(id) { return document.getElementById(id); }
  function say(key) { return WORDS[language][key]; }
  function kept() { try { return JSON.parse(localStorage.getItem(KEPT)); } catch (error) { return null; } }
  function keep(report) {
    try { if (report) localStorage.setItem(KEPT, JSON.stringify(report)); else localStorage.removeItem(KEPT); } catch (error) { memory = report; }
  }
  var memory = null;

  function draw() {
    document.documentElement.lang = language;
    document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr';
    for (var tag in WORDS) if (WORDS.hasOwnProperty(tag)) el(tag).setAttribute('aria-pressed', String(language === tag));
    el('title').textContent = say('title');
    el('risk').textContent = say('risk');
    el('listen').setAttribute('aria-label', say('listen'));
    el('where').textContent = say('where');
    el('rose').setAttribute('aria-label', say('where'));
    el('pictures').setAttribute('aria-label', say('title'));
    el('compass').textContent = say('compass') + (compass && azimuth !== null ? ' · ' + Math.round(azimuth) + '°' : '');
    el('compass').setAttribute('aria-pressed', String(compass));
    el('place').hidden = !!post;
    el('place').firstChild.textContent = say('post');
    el('send').textContent = say('send');
    el('send').disabled = !said || sending;
    for (var i = 0; i < SAID.length; i++) {
      el(SAID[i]).lastChild.textContent = say(SAID[i]);
      el(SAID[i]).setAttribute('aria-pressed', String(said === SAID[i]));
    }
    var names = say('rose').split(' ');
    for (var k = 0; k < 8; k++) {
      el('d' + k).textContent = names[k];
      el('d' + k).setAttribute('aria-pressed', String(!compass && azimuth === 45 * k));
    }
    var needle = el('needle');
    needle.style.display = azimuth === null ? 'none' : 'block';
    needle.style.transform = needle.style.webkitTransform = 'rotate(' + (azimuth || 0) + 'deg)';
    el('line').textContent = answer ? say(answer) : '';
  }

  function speak() {
    if (!window.speechSynthesis || !window.SpeechSynthesisUtterance) return;
    var spoken = new SpeechSynthesisUtterance(say('risk'));
    spoken.lang = language;
    speechSynthesis.cancel();
    speechSynthesis.speak(spoken);
  }

  function turned(event) {
    if (!compass) return;
    var heading = typeof event.webkitCompassHeading === 'number' ? event.webkitCompassHeading
      : event.absolute && event.alpha !== null ? (360 - event.alpha) % 360 : null;
    if (heading === null) return;
    azimuth = Math.round(heading) % 360;
    draw();
  }
  function startCompass() {
    compass = !compass;
    azimuth = null;
    var Kind = window.DeviceOrientationEvent;
    if (compass && Kind && Kind.requestPermission) Kind.requestPermission()['catch'](function () {});
    draw();
  }
  window.addEventListener('ondeviceorientationabsolute' in window ? 'deviceorientationabsolute' : 'deviceorientation', turned);

  function ready(place) {
    var report = { said: said, compass: compass && azimuth !== null };
    if (azimuth !== null) report.azimuth_deg = azimuth;
    for (var key in place) if (place.hasOwnProperty(key)) report[key] = place[key];
    memory = { report: report, at: new Date().getTime() };
    keep(memory);
    said = '';
    azimuth = null;
    compass = false;
    send();
  }
  /* The phone's place is cut down to its cell of 1 km here: nothing finer leaves the phone. */
  function middle(degrees) { return (Math.floor(degrees * STEP) + 0.5) / STEP; }
  function press() {
    var number = (post || el('post').value).replace(/[٠-٩]/g, function (d) { return String(d.charCodeAt(0) - 1632); });
    if (/^[0-9]{1,4}$/.test(number)) { ready({ post: Number(number) }); return; }
    if (!navigator.geolocation || window.isSecureContext === false) { answer = 'unclear'; draw(); return; }
    navigator.geolocation.getCurrentPosition(function (found) {
      ready({ lat: middle(found.coords.latitude), lon: middle(found.coords.longitude) });
    }, function () { answer = 'unclear'; draw(); }, { maximumAge: 600000, timeout: 20000 });
  }
  function send() {
    var waiting = memory || kept();
    if (!waiting || sending) return;
    var age = (new Date().getTime() - waiting.at) / 1000;
    if (!(age >= 0 && age < OLDEST_S)) { memory = null; keep(null); return; }
    waiting.report.age_s = Math.round(age);
    var request = new XMLHttpRequest();
    request.open('POST', '/report');
    request.timeout = 10000;
    request.setRequestHeader('Content-Type', 'application/json');
    request.onloadend = function () {
      sending = false;
      if (request.status >= 200 && request.status < 500) {
        memory = null;
        keep(null);
        try { answer = JSON.parse(request.responseText).answer || 'unclear'; } catch (error) { answer = 'unclear'; }
      } else answer = 'waiting';
      draw();
    };
    sending = true;
    draw();
    request.send(JSON.stringify(waiting.report));
  }

  function choose(tag) { el(tag).onclick = function () { language = tag; draw(); }; }
  function picture(name) { el(name).onclick = function () { said = name; answer = ''; draw(); }; }
  function direction(k) {
    var button = document.createElement('button'), turn = k * Math.PI / 4;
    button.type = 'button';
    button.id = 'd' + k;
    button.style.left = Math.round(114 + 112 * Math.sin(turn)) + 'px';
    button.style.top = Math.round(114 - 112 * Math.cos(turn)) + 'px';
    button.onclick = function () { compass = false; azimuth = azimuth === 45 * k ? null : 45 * k; draw(); };
    el('rose').appendChild(button);
  }
  for (var tag in WORDS) if (WORDS.hasOwnProperty(tag)) choose(tag);
  for (var i = 0; i < SAID.length; i++) picture(SAID[i]);
  for (var k = 0; k < 8; k++) direction(k);
  var needle = document.createElement('i');
  needle.id = 'needle';
  el('rose').appendChild(needle);
  el('listen').onclick = speak;
  el('compass').onclick = startCompass;
  el('send').onclick = press;
  setInterval(send, AGAIN_MS);
  draw();
  send();
}());
