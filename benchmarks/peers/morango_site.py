"""A site or a server with Morango: ``python morango_site.py server|client FOLDER PORT RECORDS``.

Runs in an environment of its own, where Morango and Django are. The client takes the commands
``save N`` and ``push`` on its standard input and answers with seconds.
"""

import json
import os
import sys
import time

role, folder, port, source = sys.argv[1:5]

import django  # noqa: E402
from django.conf import settings  # noqa: E402

settings.configure(
    DEBUG=False,
    SECRET_KEY="benchmark",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="morango.urls",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.path.join(folder, "db.sqlite3"),  # noqa: PTH118
        }
    },
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "rest_framework",
        "mptt",
        "morango",
        "vaccination",
    ],
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from vaccination.models import Record  # noqa: E402

if not os.path.exists(os.path.join(folder, "ready")):  # noqa: PTH110, PTH118
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Record)
    open(os.path.join(folder, "ready"), "w").close()  # noqa: PTH118, PTH123
with connection.cursor() as cursor:
    cursor.execute("PRAGMA journal_mode=WAL")

from django.contrib.auth import get_user_model  # noqa: E402
from morango.models import Certificate, ScopeDefinition  # noqa: E402
from morango.models.certificates import Filter  # noqa: E402
from morango.sync.controller import MorangoProfileController  # noqa: E402

ScopeDefinition.objects.get_or_create(
    id="everything",
    defaults={
        "profile": "vaccination",
        "version": 1,
        "primary_scope_param_key": "mainpartition",
        "description": "everything",
        "read_filter_template": "",
        "write_filter_template": "",
        "read_write_filter_template": "${mainpartition}",
    },
)
MorangoProfileController("vaccination")

if role == "server":
    get_user_model().has_morango_certificate_scope_permission = lambda *_: True
    root = Certificate.generate_root_certificate("everything")
    get_user_model().objects.create_superuser("admin", "", "admin")
    from cheroot.wsgi import Server
    from django.core.wsgi import get_wsgi_application

    print(root.id, flush=True)
    Server(("127.0.0.1", int(port)), get_wsgi_application(), numthreads=8).start()
else:
    with open(source) as file:  # noqa: PTH123
        lines = file.read().splitlines()
    place, link = 0, None

    def save(count):
        """Save so many, in transactions of 500."""
        global place
        from django.db import transaction

        for start in range(0, count, 500):
            with transaction.atomic():
                for line in lines[place : place + min(500, count - start)]:
                    Record(text=line, source=json.loads(line)["id"]).save()
            place += min(500, count - start)

    def connect():
        """Meet the server once: certificates, as a site does when it is set up."""
        global link
        link = MorangoProfileController("vaccination").create_network_connection(
            f"http://127.0.0.1:{port}/"
        )
        root = link.get_remote_certificates(os.environ["PARTITION"])[0]
        cert = Certificate.objects.filter(parent_id=root.id, _private_key__isnull=False).first()
        if cert is None:
            cert = link.certificate_signing_request(
                root, "everything", {"mainpartition": root.id}, userargs="admin", password="admin"
            )
        return cert, root

    def push(_count):
        """Make one session and push what is new."""
        cert, root = connected
        client = link.create_sync_session(cert, root)
        pusher = client.get_push_client()
        pusher.initialize(Filter(os.environ["PARTITION"]))
        pusher.run()
        pusher.finalize()
        client.close_sync_session()

    connected = None
    for command in sys.stdin:
        what, _, count = command.strip().partition(" ")
        begin = time.perf_counter()
        if what == "save":
            save(int(count))
        elif what == "meet":
            connected = connect()
        else:
            push(0)
        print(time.perf_counter() - begin, flush=True)
