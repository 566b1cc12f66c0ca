#!/usr/bin/env python3
"""A whole master in Python, written from docs/protocol.md and the .proto files alone.

usage: master.py JOIN_FILE NODE_ID DATA_DIR   (PYTHONPATH holds the stubs made by protoc)

Says what happens as JSON lines on standard output. Takes words on standard input: `cut` drops the stream and stays
away, `join` comes back.
"""

import json
import os
import platform
import sys
import threading

from agentflow.v1 import node_sync_pb2 as pb

from link import Link, now_ms
from runs import Run

SLOTS = 2
ACTIONS = {
    pb.CONTROL_ACTION_PAUSE: (lambda run: run.pause(), pb.RECEIPT_STATE_DONE),
    pb.CONTROL_ACTION_RESUME: (lambda run: run.resume(), pb.RECEIPT_STATE_DONE),
}


class Master:
    def __init__(self, join, node_id, data_dir):
        self.node_id = node_id
        self.data_dir = data_dir
        self.runs = {}
        self.seen_commands = set()
        self.output = threading.Lock()
        self.lease_timer = None
        self.started_at = now_ms()
        self.link = Link(self, join, node_id)

    def tell(self, event, **details):
        with self.output:
            print(json.dumps({"event": event, **details}), flush=True)

    # --- what the link asks for ---

    def capabilities(self):
        return pb.Capabilities(
            os=platform.system().lower(),
            arch=platform.machine(),
            cpus=os.cpu_count() or 1,
            memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
            labels={"language": "python"},
            project_types=["command"],
            slots=SLOTS,
            host=platform.node(),
        )

    def agents(self):
        return [
            pb.Agent(agent_id="%s/p%d" % (self.node_id, slot + 1), kind="process", created_at=self.started_at)
            for slot in range(SLOTS)
        ]

    def inventory(self):
        with self.link.changed:
            return [run.held() for run in self.runs.values()]

    def lease_every(self, seconds):
        """Renews the leases of all runs while there are any."""
        if self.lease_timer is not None:
            self.lease_timer.cancel()

        def renew():
            if any(run.state != pb.RUN_STATE_ENDED for run in self.inventory()):
                self.link.say(lease=pb.LeaseRenewal(sent_at=now_ms()))
            self.lease_every(seconds)

        self.lease_timer = threading.Timer(seconds, renew)
        self.lease_timer.daemon = True
        self.lease_timer.start()

    def settled(self):
        """Something was acked: a run whose end and lines the leader has need not be held any more."""
        with self.link.changed:
            waiting = {update.task_update.fence for update in self.link.outbox if update.HasField("task_update")}
            waiting |= {fence for (fence, _), batches in self.link.lines.items() if batches}
            for fence in [fence for fence, run in self.runs.items() if run.is_over and fence not in waiting]:
                del self.runs[fence]

    # --- commands ---

    def handle(self, kind, command):
        if kind == "task_request":
            self.start(command.task_request)
        elif command.command_id not in self.seen_commands:
            self.seen_commands.add(command.command_id)
            threading.Thread(target=self.act, args=(command.command_id, command.control), daemon=True).start()

    def start(self, request):
        if request.fence in self.runs:
            return
        run = Run(request, self.link, self.data_dir, lambda over: self.tell("run_ended", taskId=over.request.task_id))
        with self.link.changed:
            self.runs[request.fence] = run
        run.start()

    def act(self, command_id, control):
        def receipt(state, detail=""):
            self.link.report(receipt=pb.Receipt(command_id=command_id, state=state, detail=detail))

        receipt(pb.RECEIPT_STATE_RECEIVED)
        run = self.runs.get(control.fence)
        if run is None or run.is_over:
            receipt(pb.RECEIPT_STATE_REFUSED, "this run is not here")
            return
        receipt(pb.RECEIPT_STATE_ACTING)
        if control.action == pb.CONTROL_ACTION_CANCEL:
            killed = run.stop(pb.RUN_OUTCOME_CANCELLED)
            receipt(pb.RECEIPT_STATE_KILLED if killed else pb.RECEIPT_STATE_STOPPED)
            return
        action, done = ACTIONS[control.action]
        action(run)
        receipt(done)


def main():
    join_file, node_id, data_dir = sys.argv[1:]
    with open(join_file, encoding="utf-8") as file:
        join = json.load(file)
    master = Master(join, node_id, data_dir)
    thread = threading.Thread(target=master.link.run, daemon=True)
    thread.start()
    for line in sys.stdin:
        word = line.strip()
        if word == "cut":
            master.link.leave()
        elif word == "join":
            master.link.come_back()
    master.link.stop()
    for run in list(master.runs.values()):
        if not run.is_over and run.process is not None:
            run.stop(pb.RUN_OUTCOME_CANCELLED)
    thread.join(5)


if __name__ == "__main__":
    main()
