"""An HTTPS server that speaks HTTP/2 and nothing else, for tests of clients.

    http2_server.py CERTIFICATE KEY ANSWER

It listens on a free loopback port, which it prints, and ends when its standard input does. The path says what becomes
of a request:

    /gather/N    the answer, to all once N of them are open at the same time
    /hold        no answer
    /reset/N     the first N of them end with a stream error, the others with the answer
    /goaway      the answer, and the end of the connection
    /statistics  what the server has counted
    any other    the answer
"""
import asyncio
import json
import ssl
import sys

import h2.config
import h2.connection
import h2.errors
import h2.events

certificate, key, answer = sys.argv[1:]
counts = {"connections": 0, "requests": 0, "mostAtOnce": 0, "cancelled": 0, "authorities": []}
gathered = []


class Connection(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.fields = {}
        self.open = set()
        if transport.get_extra_info("ssl_object").selected_alpn_protocol() != "h2":
            transport.close()
            return
        counts["connections"] += 1
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.h2.initiate_connection()
        self.flush()

    def flush(self):
        self.transport.write(self.h2.data_to_send())

    def data_received(self, data):
        for event in self.h2.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                self.fields[event.stream_id] = dict(event.headers)
            elif isinstance(event, h2.events.DataReceived):
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                self.begin(event.stream_id, self.fields.pop(event.stream_id))
            elif isinstance(event, h2.events.StreamReset):
                counts["cancelled"] += 1
                self.open.discard(event.stream_id)
        self.flush()

    def begin(self, stream, fields):
        word, _, number = fields[":path"].strip("/").partition("/")
        if word == "statistics":
            self.answer(stream, json.dumps(counts))
            return
        counts["requests"] += 1
        counts["authorities"].append(fields[":authority"])
        self.open.add(stream)
        counts["mostAtOnce"] = max(counts["mostAtOnce"], len(self.open))
        if word == "hold":
            return
        if word == "gather":
            gathered.append((self, stream))
            if len(gathered) >= int(number):
                for connection, waiting in gathered:
                    connection.answer(waiting, answer)
                    connection.flush()
                gathered.clear()
        elif word == "reset" and counts["requests"] <= int(number):
            self.open.discard(stream)
            self.h2.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
        else:
            self.answer(stream, answer)
            if word == "goaway":
                self.h2.close_connection()
                self.flush()
                self.transport.close()

    def answer(self, stream, body):
        self.open.discard(stream)
        body = body.encode()
        fields = [(":status", "200"), ("content-length", str(len(body))), ("x-amzn-requestid", f"stream-{stream}")]
        self.h2.send_headers(stream, fields)
        self.h2.send_data(stream, body, end_stream=True)


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2"])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
