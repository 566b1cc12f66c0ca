"""One NodeSync stream after another to whoever leads, by docs/protocol.md.

Everything that must reach the leader is kept here until it is acked, so that a cut loses nothing.
"""

import collections
import random
import threading
import time

import grpc

from agentflow.v1 import node_sync_pb2 as pb
from agentflow.v1 import node_sync_pb2_grpc as rpc

PROTOCOL = 1


def now_ms():
    return int(time.time() * 1000)


class Session:
    """What belongs to one stream only."""

    def __init__(self):
        self.live = False
        self.closed = False
        self.traffic = collections.deque()
        self.next_durable = 0
        self.sent_lines = {}
        self.sent_messages = 0
        self.sent_bytes = 0
        self.credit_messages = 0
        self.credit_bytes = 0

    def may_use(self):
        return self.sent_messages < self.credit_messages and self.sent_bytes < self.credit_bytes


class Link:
    """Keeps the stream up. `master` handles commands, says what it holds and is told what happens."""

    def __init__(self, master, join, node_id):
        self.master = master
        self.node_id = node_id
        self.join = join
        self.changed = threading.Condition()
        self.incarnation = now_ms()
        self.term = 0
        self.log_id = ""
        self.command_seq = 0
        self.last_uplink_seq = 0
        self.acked_uplink_seq = 0
        self.outbox = []
        self.lines = {}
        self.session = None
        self.call = None
        self.away = False
        self.stopping = False

    # --- what the master calls ---

    def report(self, **payload):
        """Queues a durable update: it is sent in order, and again after a cut, until it is acked."""
        with self.changed:
            self.last_uplink_seq += 1
            update = pb.NodeUpdate(
                node_id=self.node_id,
                timestamp=now_ms(),
                uplink_seq=self.last_uplink_seq,
                incarnation=self.incarnation,
                **payload,
            )
            self.outbox.append(update)
            self.changed.notify_all()

    def add_lines(self, batch):
        """Queues lines of one run and stream; they follow each other without a hole."""
        with self.changed:
            self.lines.setdefault((batch.fence, batch.stream), []).append(batch)
            self.changed.notify_all()

    def say(self, **payload):
        """Traffic of this stream: not kept, and not held back by the credit."""
        with self.changed:
            if self.session is not None:
                self.session.traffic.append(pb.NodeUpdate(node_id=self.node_id, timestamp=now_ms(), **payload))
                self.changed.notify_all()

    def leave(self):
        """Drops the stream and stays away until `come_back`."""
        self.away = True
        self.cut()

    def come_back(self):
        with self.changed:
            self.away = False
            self.changed.notify_all()

    def stop(self):
        self.stopping = True
        self.come_back()
        self.cut()

    def cut(self):
        if self.call is not None:
            self.call.cancel()

    # --- connecting ---

    def run(self):
        failures = 0
        while not self.stopping:
            with self.changed:
                self.changed.wait_for(lambda: not self.away)
            if self.stopping:
                return
            address = self.join["leaders"][failures % len(self.join["leaders"])]
            try:
                self.stream(address)
                self.master.tell("ended", status="OK")
            except grpc.RpcError as error:
                code = dict(error.trailing_metadata() or ()).get("agentflow-code", "")
                self.master.tell("ended", status=error.code().name, code=code, reason=error.details())
            welcomed = self.session is not None and self.session.live
            failures = 0 if welcomed else failures + 1
            self.session = None
            if not self.away:
                time.sleep(0.05 + random.random() * min(5.0, 0.1 * 2 ** min(failures, 16)))

    def stream(self, address):
        options = [
            ("grpc.keepalive_time_ms", 10_000),
            ("grpc.keepalive_timeout_ms", 5_000),
            ("grpc.http2.max_pings_without_data", 0),
            ("grpc.enable_http_proxy", 0),
        ]
        if self.join["caPem"] is None:
            channel = grpc.insecure_channel(address, options)
        else:
            options.append(("grpc.ssl_target_name_override", "leader.agentflow"))
            credentials = grpc.ssl_channel_credentials(self.join["caPem"].encode())
            channel = grpc.secure_channel(address, credentials, options)
        session = Session()
        try:
            self.session = session
            metadata = (("authorization", "Bearer " + self.join["key"]),)
            self.call = rpc.NodeSyncStub(channel).Connect(self.updates(session), metadata=metadata)
            for command in self.call:
                self.handle(session, command)
        finally:
            with self.changed:
                session.closed = True
                self.changed.notify_all()
            channel.close()

    # --- up ---

    def updates(self, session):
        """Everything that this stream sends, in order; ends with the stream."""
        yield self.counted(session, self.register())
        while True:
            with self.changed:
                update = self.next_update(session)
                while update is None and not session.closed:
                    self.changed.wait()
                    update = self.next_update(session)
            if update is None:
                return
            yield self.counted(session, update)

    def counted(self, session, update):
        session.sent_messages += 1
        session.sent_bytes += update.ByteSize()
        return update

    def register(self):
        return pb.NodeUpdate(
            node_id=self.node_id,
            timestamp=now_ms(),
            register=pb.Register(
                protocol=PROTOCOL,
                incarnation=self.incarnation,
                version="python",
                capabilities=self.master.capabilities(),
                agents=self.master.agents(),
                inventory=self.master.inventory(),
                acked_uplink_seq=self.acked_uplink_seq,
                term=self.term,
                command_seq=self.command_seq,
                log_id=self.log_id,
            ),
        )

    def next_update(self, session):
        if session.traffic:
            return session.traffic.popleft()
        if not session.live or not session.may_use():
            return None
        lines = self.next_lines(session)
        if lines is not None:
            return pb.NodeUpdate(node_id=self.node_id, timestamp=now_ms(), lines=lines)
        if session.next_durable < len(self.outbox):
            session.next_durable += 1
            return self.outbox[session.next_durable - 1]
        return None

    def next_lines(self, session):
        for key, batches in self.lines.items():
            for batch in batches:
                if batch.offset >= session.sent_lines.get(key, 0):
                    session.sent_lines[key] = batch.next_offset
                    return batch
        return None

    # --- down ---

    def handle(self, session, command):
        kind = command.WhichOneof("payload")
        if kind == "welcome":
            self.welcomed(session, command.welcome)
        elif kind == "credit":
            with self.changed:
                session.credit_messages = max(session.credit_messages, command.credit.messages)
                session.credit_bytes = max(session.credit_bytes, command.credit.bytes)
                self.changed.notify_all()
        elif kind == "ping":
            self.say(pong=pb.Pong(nonce=command.ping.nonce))
        elif kind == "ack":
            self.acked(session, command.ack)
        elif kind == "moving":
            self.join["leaders"] = list(command.moving.leaders)
            threading.Timer(random.random() * command.moving.spread_ms / 1000, self.cut).start()
        elif kind == "goodbye":
            self.master.tell("goodbye", code=command.goodbye.code, message=command.goodbye.message)
        elif kind in ("task_request", "control"):
            if command.command_seq > self.command_seq:
                self.command_seq = command.command_seq
                self.master.handle(kind, command)
            self.say(ack=pb.Ack(seq=self.command_seq))

    def welcomed(self, session, welcome):
        with self.changed:
            self.term = welcome.term
            self.log_id = welcome.log_id
            if not welcome.resumed:
                self.command_seq = 0
            self.forget_durable(session, welcome.acked_uplink_seq)
            for line in welcome.lines:
                self.forget_lines(line)
                session.sent_lines[(line.fence, line.stream)] = line.offset
            session.live = True
            self.changed.notify_all()
        self.master.lease_every(welcome.lease_renew_ms / 1000)
        self.master.tell("welcome", term=welcome.term, resumed=welcome.resumed)

    def acked(self, session, ack):
        with self.changed:
            if ack.incarnation in (0, self.incarnation):
                self.forget_durable(session, ack.seq)
            for line in ack.lines:
                self.forget_lines(line)
        self.master.settled()

    def forget_durable(self, session, seq):
        count = sum(1 for update in self.outbox if update.uplink_seq <= seq)
        del self.outbox[:count]
        session.next_durable = max(0, session.next_durable - count)
        self.acked_uplink_seq = max(self.acked_uplink_seq, seq)

    def forget_lines(self, line):
        batches = self.lines.get((line.fence, line.stream), [])
        batches[:] = [batch for batch in batches if batch.next_offset > line.offset]
