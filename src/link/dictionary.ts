/*
 * What both sides know of the text before the first byte of it crosses. Whoever changes anything here changes the hash in
 * encoding-header.ts, and gateways of before and after no longer understand each other's compressed links.
 */

/** What the stanzas between gateways are made of, each to be one byte (shorthand.ts). 29 at most. */
export const PHRASES: readonly string[] = [
  '<message from="',
  '<presence from="',
  '" to="',
  '" type="groupchat',
  '" type="unavailable',
  '" type="chat',
  '"><body>',
  '</body>',
  '"><fmuc xmlns="http://isode.com/protocol/fmuc" from="',
  '<fmuc xmlns="http://isode.com/protocol/fmuc" from="',
  '"/><stanza-id xmlns="urn:xmpp:sid:0" by="',
  '" id="~',
  '"/></message>',
  '"/><delay xmlns="urn:xmpp:delay" from="',
  '" stamp="',
  '"/><x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="none" role="participant',
  '"/><x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="',
  '" role="',
  '" jid="',
  '"/></x></presence>',
  '"/><sync xmlns="urn:fmucd:sync:0" ',
  '"><sync xmlns="urn:fmucd:sync:0" ',
  '"><have by="',
  '</have><have by="',
  '</have><path/></sync></',
  '<show>',
  '</show><status>',
  '</status>',
  ' xmlns="',
];

/** Words and phrases, the rarer first. */
const WORDS = `
friendly hostile suspected confirmed unknown unidentified civilian casualties wounded injured medevac evacuation
ambulance hospital surgeon stretcher generator maintenance engineer recovery mechanic repair spare parts tyres diesel
batteries battery charging charged ammunition ammo rations water blankets shelter medicine supplies supply resupply
ration antenna frequency channel repeater encryption satellite modem signal interference jamming encrypted weather
forecast visibility wind knots rain snow fog temperature degrees kilometres metres miles coordinates latitude longitude
observation reconnaissance surveillance drone helicopter aircraft landing zone pickup drop-off airfield runway harbour
vessel boat ship convoy column trucks truck vehicles vehicle trailer driver escort patrol platoon company battalion
squad section team headquarters command post operations center centre commander sergeant lieutenant captain officer
liaison police border village town bridge river valley ridge hill forest road junction crossroads checkpoint roadblock
perimeter gate compound warehouse depot school church chapel market harbour crossing closed open passable damaged destroyed
flooded collapsed fire smoke explosion shots shooting fired mortar artillery mine mines IED suspicious package
stable pulse walking lying conscious bleeding fracture morphine bandages collection point nobody somebody everybody
everyone anyone anything something nothing farmer mayor pilot doctor nurse priest liaison interpreter journalist
bitte danke nicht noch wieder morgen heute gleich zurück haben werden brauchen warten für mit und der die das ist
yesterday tomorrow tonight this morning this afternoon this evening midnight at first light after dark before dawn
Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April June July August September October
November December through between another because without against before during around behind across along until since
still again there their where which would could should these those people family children women men persons personnel
local area region northeast northwest southeast southwest north of south of east of west of turning heading moving
toward towards from the direction of blocked by fixed works broken repaired missing found lost the track near
Please confirm that please advise, please send please bring Status report Situation report SITREP SALUTE MEDEVAC CASEVAC
Casualty report: Sighting at Counted Request Requesting required Stores: Grid correction: read Comms plan: on alternate
Patient Patrol left due Weather Wx Road as of NLT ETA ETD DTG need more need the meeting is scheduled has been delayed
has been cancelled has changed has not changed. is complete, is in progress, percent estimated time of arrival in minutes
for minutes hour hours days next week last update updated reported information message received, sent understood
acknowledged affirmative affirm negative correction say again standby stand by wait out on hold in place serviceable
Roger that, copy that, Copied all, Good morning. Good evening. Thank you. thanks no problem. On my way, in position, on
station. ready to move, moving out, moving now, returning to base, will be there in 10 minutes. We are at the We have the
I think belongs to I will you can we can we could use we need could you can you can't cannot don't do not use it is
what is the status of your do you have any is there any does anyone have has anyone seen let me know when you are where
are you who is who has who wants to know tell them that tell me ask him to talked to about leave it with bring it to
we collect it take it keep away from it was that or was there how is it here how many see you takes over my watch ends
Battery low, switching off for switching to batteries low, nothing to report. no change. all quiet. all clear. all
stations this is radio check, over to you. over and out. loud and clear, how copy? bringing sending more hands with
Roger, wilco. Copy, out. Understood. Negative, Affirmative, Contact position grid at grid reference arrived at now with
now at has been have been will be should be for the at the to the of the in the on the and the with the from the `;

/** Stanzas between gateways without the names that they are full of, the rarer first. */
const STANZAS = `
<iq from="rooms." type="get" id="probe-1" to="rooms."><ping xmlns="urn:xmpp:ping"/></iq>
<iq from="rooms." type="get" id="dialect-rooms." to="rooms."><query xmlns="http://jabber.org/protocol/disco#info"/></iq>
<iq from="" id="dialect-" type="result" to=""><query xmlns="http://jabber.org/protocol/disco#info">\
<identity category="conference" type="text" name=""/><feature var="http://jabber.org/protocol/disco#info"/>\
<feature var="http://jabber.org/protocol/disco#items"/><feature var="http://jabber.org/protocol/muc"/>\
<feature var="http://jabber.org/protocol/muc#stable_id"/><feature var="urn:xmpp:ping"/><feature var="urn:xmpp:sid:0"/>\
<feature var="urn:fmucd:sync:0"/></query></iq>
" type="error"><error type="cancel" by=""><service-unavailable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>\
<text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas" xml:lang="en">This address offers no such service.</text></error></message>\
<error type="auth" by=""><forbidden xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></presence>\
<error type="wait" by=""><remote-server-timeout xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>\
<error type="cancel" by=""><conflict xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>
<fmuc xmlns="http://isode.com/protocol/fmuc"><reject></reject></fmuc></presence>\
<fmuc xmlns="http://isode.com/protocol/fmuc"><left/></fmuc><sync xmlns="urn:fmucd:sync:0" join="1"/></presence>
<securitylabel xmlns="urn:xmpp:sec-label:0"><displaymarking fgcolor="black" bgcolor="red">SECRET RESTRICTED UNCLASSIFIED\
</displaymarking><label><esssecuritylabel xmlns="urn:xmpp:sec-label:ess:0"></esssecuritylabel></label></securitylabel>
<replace xmlns="urn:xmpp:message-correct:0" id="~<apply-to xmlns="urn:xmpp:fasten:0" id="~\
<retract xmlns="urn:xmpp:message-retract:1" id="~<moderated xmlns="urn:xmpp:message-moderate:1" by="\
<reactions xmlns="urn:xmpp:reactions:0" id="~"><reaction>\u{1f44d}</reaction></reactions>\
<fallback xmlns="urn:xmpp:fallback:0" for="urn:xmpp:reply:0"><body start="0" end="">&gt; </body></fallback>\
<reply xmlns="urn:xmpp:reply:0" to="" id="~<request xmlns="urn:xmpp:receipts"/>
<sync xmlns="urn:fmucd:sync:0" for=""/></message><skip by=""></skip><gone by=""></gone><want by=""></want>\
<path><node jid=""/></path></sync></message> part="1" echo="1" list="1"/></message>
" role="none" jid=""><actor nick=""/><reason></reason></item><status code="301"/><status code="303"/><status code="307"/>\
<status code="333"/></x></presence>" role="participant" nick=""/><status code="303"/></x></presence>
<presence from="@rooms./" type="unavailable" to="@rooms./"><status>Disconnected</status>\
<fmuc xmlns="http://isode.com/protocol/fmuc" from="@./"/><x xmlns="http://jabber.org/protocol/muc#user">\
<item affiliation="none" role="none" jid="@/"/></x></presence>
<message from="@rooms." type="groupchat" to="@rooms."><fmuc xmlns="http://isode.com/protocol/fmuc" from="@rooms."/>\
<subject></subject><delay xmlns="urn:xmpp:delay" from="@rooms." stamp="2027-01-01T00:00:00Z"/>\
<stanza-id xmlns="urn:xmpp:sid:0" by="@rooms." id="="/></message>
<message from="@rooms." type="groupchat" to="@rooms."><fmuc xmlns="http://isode.com/protocol/fmuc" from="@rooms."/>\
<subject/><sync xmlns="urn:fmucd:sync:0" join="1" listed="1"><have by="">1-</have><path/></sync></message>
<presence from="@rooms./" to="@rooms./"><show>away</show><status>dnd chat xa</status>\
<fmuc xmlns="http://isode.com/protocol/fmuc" from="@./"/><x xmlns="http://jabber.org/protocol/muc">\
<history maxstanzas="50" maxchars="8192" seconds="86400" since="2026-01-01T00:00:00Z"/></x>\
<x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="owner" role="moderator" jid="@./"/></x>\
<sync xmlns="urn:fmucd:sync:0" join="1" mine="" yours=""><have by="@rooms.">1-34</have><have by="@rooms.">1-</have></sync></presence>\
<message from="@rooms." to="@rooms."><sync xmlns="urn:fmucd:sync:0" listed="1"/></message>\
<message from="@rooms." to="@rooms."><sync xmlns="urn:fmucd:sync:0" join="1"/></message>
<presence from="@rooms./" to="@rooms."><fmuc xmlns="http://isode.com/protocol/fmuc" from="@./"/>\
<x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="member" role="participant" jid="@./"/></x></presence>\
<presence from="@rooms./" to="@rooms."><fmuc xmlns="http://isode.com/protocol/fmuc" from="@./"/>\
<x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="none" role="participant" jid="@./"/></x></presence>
<message from="@rooms./" type="groupchat" to="@rooms."><body></body>\
<fmuc xmlns="http://isode.com/protocol/fmuc" from="@./"/><stanza-id xmlns="urn:xmpp:sid:0" by="@rooms." id="~"/>\
<delay xmlns="urn:xmpp:delay" from="@rooms." stamp="2026-01-01T00:00:00Z"/></message>\
<message from="@rooms./" to="@rooms." type="groupchat"><body></body>\
<fmuc xmlns="http://isode.com/protocol/fmuc" from="@./"/><stanza-id xmlns="urn:xmpp:sid:0" by="@rooms." id="~"/></message>`;

/** The text that the window of every stream begins with, what is likeliest at its end, where it is cheapest to point to. */
export const DICTIONARY = `${WORDS.replaceAll('\n', ' ')}${STANZAS.replaceAll('\n', '')}`;
