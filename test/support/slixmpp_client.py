"""A client of slixmpp that does what it is told: requests come in as JSON, a line each, and so do their outcomes and every
stanza received go out. Its arguments are the full JID, the password, and where its server listens."""

import asyncio
import json
import sys
from slixmpp import JID, ClientXMPP
from slixmpp.exceptions import IqError, IqTimeout, PresenceError

# The library prints what it likes.
OUT = sys.stdout
sys.stdout = sys.stderr

PLUGINS = ['xep_0004', 'xep_0030', 'xep_0045', 'xep_0059', 'xep_0092', 'xep_0199', 'xep_0249', 'xep_0313']


def tell(**message):
    OUT.write(json.dumps(message) + '\n')
    OUT.flush()


class Client(ClientXMPP):
    def __init__(self, jid, password):
        super().__init__(jid, password)
        for plugin in PLUGINS:
            self.register_plugin(plugin)
        self['feature_mechanisms'].unencrypted_plain = True
        self.muc = self['xep_0045']
        self.add_filter('in', self.show)
        self.add_event_handler('session_start', self.started)
        self.add_event_handler('failed_auth', lambda _: tell(failed='authentication'))
        self.add_event_handler('disconnected', lambda _: tell(ended=True))

    def show(self, stanza):
        if stanza is not None and stanza.name in ('presence', 'message', 'iq'):
            tell(stanza=str(stanza))
        return stanza

    async def started(self, _):
        self.send_presence()
        # By its answer, whichever, the server knows that we are here.
        try:
            await self.get_roster()
        except IqError:
            pass
        tell(jid=self.boundjid.full)

    async def obey(self, line):
        request = json.loads(line)
        number, do = request.pop('number'), request.pop('do')
        try:
            tell(number=number, result=await getattr(self, 'do_' + do)(**request))
        except IqError as error:
            tell(number=number, error=error.iq['error']['condition'])
        except PresenceError as error:
            tell(number=number, error=error.presence['error']['condition'])
        except (IqTimeout, asyncio.TimeoutError):
            tell(number=number, error='nothing came')
        except Exception as error:
            tell(number=number, error=repr(error))

    async def do_send(self, xml):
        self.send_raw(xml)

    async def do_join(self, room, nick, password=None):
        own, subject, occupants, history = await self.muc.join_muc_wait(
            JID(room), nick, password=password, timeout=10
        )
        return {
            'nick': own['from'].resource,
            'codes': sorted(own['muc']['status_codes']),
            'subject': subject['subject'],
            'occupants': sorted(presence['from'].resource for presence in occupants),
            'history': [message['body'] for message in history],
        }

    async def do_leave(self, room, nick):
        self.muc.leave_muc(JID(room), nick)

    async def do_say(self, room, body):
        self.send_message(mto=room, mbody=body, mtype='groupchat')

    async def do_subject(self, room, subject):
        self.muc.set_subject(JID(room), subject)

    async def do_roster(self, room):
        return sorted(self.muc.get_roster(JID(room)))

    async def do_role(self, room, nick, role, reason=''):
        await self.muc.set_role(JID(room), nick, role, reason=reason)

    async def do_roles(self, room, role):
        return sorted(await self.muc.get_roles_list(JID(room), role))

    async def do_affiliation(self, room, jid, affiliation, reason=''):
        await self.muc.set_affiliation(JID(room), affiliation, jid=JID(jid), reason=reason)

    async def do_affiliations(self, room, affiliation):
        return sorted(str(jid) for jid in await self.muc.get_affiliation_list(JID(room), affiliation))

    async def do_configure(self, room, fields):
        form = await self.muc.get_room_config(JID(room))
        known = form.get_fields()
        for name, value in fields.items():
            known[name]['value'] = value
        await self.muc.set_room_config(JID(room), form)

    async def do_configuration(self, room):
        form = await self.muc.get_room_config(JID(room))
        return {name: field['value'] for name, field in form.get_fields().items()}

    async def do_destroy(self, room, reason):
        await self.muc.destroy(JID(room), reason=reason)

    async def do_invite(self, room, jid, reason):
        self.muc.invite(JID(room), JID(jid), reason)

    async def do_decline(self, room, jid, reason):
        self.muc.decline(JID(room), JID(jid), reason)

    async def do_voice(self, room):
        self.muc.request_voice(JID(room), 'participant')

    async def do_archive(self, room, page):
        pages = self['xep_0313'].iterate(jid=JID(room), rsm={'max': page})
        return [result['mam_result']['forwarded']['stanza']['body'] async for result in pages]

    async def do_info(self, jid):
        info = (await self['xep_0030'].get_info(jid=jid, cached=False))['disco_info']
        return {'identities': [list(one) for one in info['identities']], 'features': sorted(info['features'])}

    async def do_items(self, jid):
        return sorted(item[0] for item in (await self['xep_0030'].get_items(jid=jid))['disco_items']['items'])

    async def do_version(self, jid):
        return (await self['xep_0092'].get_version(jid))['software_version']['name']

    async def do_ping(self, jid):
        await self['xep_0199'].send_ping(JID(jid), timeout=10)


async def main(jid, password, host, port):
    client = Client(jid, password)
    client.connect((host, int(port)), force_starttls=False, disable_starttls=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        asyncio.ensure_future(client.obey(line))
    await client.disconnect()


asyncio.get_event_loop().run_until_complete(main(*sys.argv[1:]))
