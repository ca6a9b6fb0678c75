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
perimeter gate compound warehouse depot school church market crossing blocked closed open passable damaged destroyed
flooded collapsed fire smoke explosion shots shooting fired mortar artillery mine mines IED suspicious package
yesterday tomorrow tonight morning evening midnight Monday Tuesday Wednesday Thursday Friday Saturday Sunday January
between through another because without against before after during again still there their about other people family
children women men persons personnel local area region north south east west northeast northwest southeast southwest
north of south of east of west of heading moving toward towards from the direction of
Please confirm please advise, please send status report situation report SITREP SALUTE MEDEVAC request requested
requesting required need more need the meeting scheduled delayed cancelled changed complete completed in progress
estimated time of arrival ETA ETD minutes minute hours hour days next last update updated report reported reports
information message received sent understood acknowledged affirmative negative correction say again stand by wait out
Roger that, copy that, Good morning. Good evening. Thank you. Thanks, no problem. On my way. In position, on station.
ready to move, moving out, moving to, returning to base, will be there in 10 minutes. We are at the We have the
can you what is the status of your do you have any is there any let me know when you are where are you
nothing to report. no change. all quiet. all clear. all stations this is radio check, over. loud and clear, how copy?
Roger, wilco. Copy, out. Understood. Negative, Affirmative, Contact position grid at grid reference arrived at
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
