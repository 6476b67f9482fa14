"""The wing of the jobs: what the node does by itself, and how often."""

from __future__ import annotations

import time
from functools import partial

from edge.adapters.announcer import Announcer
from edge.adapters.settings import Settings
from edge.adapters.settings_schedulers import SchedulerSettings
from edge.adapters.tls.site_tls import SiteTls
from edge.adapters.web_fetch import fetch
from edge.domain.modules import ALWAYS, APPOINTMENTS, DISTRIBUTION, PAPERS, REGISTRY
from edge.jobs import Jobs
from edge.journal.journal import Journal
from edge.services.certificates.certifier import SiteCertifier
from edge.services.journal_health import JournalHealth
from edge.services.outside_scheduler import AskedScheduler, OutsideScheduler
from edge.services.site_backups import SiteBackups
from edge.wiring.desk import UseCases
from edge.wiring.followers import Followers
from edge.wiring.keys import Keys
from edge.wiring.messages import Messages
from edge.wiring.printing import Printing
from edge.wiring.registry import Registry

_PRINT_EVERY, _SYNC_EVERY, _SIGNERS_EVERY, _FAILOVER_EVERY = 2.0, 5.0, 30.0, 5.0
_PLUGGED_EVERY, _STICK_EVERY, _KEPT_LETTERS_EVERY = 2.0, 2.0, 6 * 3600.0
_LAN_EVERY, _MESSAGES_EVERY, _REMINDERS_EVERY = 30.0, 2.0, 600.0
_ACCESS_EVERY, _ACCESS_DAYS_EVERY, _HEALTH_EVERY = 1.0, 600.0, 600.0
_BACKUP_EVERY, _DISK_EVERY, _CLOCK_EVERY = 120.0, 10.0, 5.0
"""Seconds between looks by themselves; a new slip wakes its printer at once."""
KEPT_LETTERS = "letters"
"""The job that tries letters again which were kept aside."""


def wire_jobs(
    jobs: Jobs,
    settings: Settings,
    keys: Keys,
    journal: Journal,
    certifier: SiteCertifier,
    use_cases: UseCases,
    printing: Printing,
    registry: Registry,
    followers: Followers,
    messages: Messages,
    tls: SiteTls | None,
    announcer: Announcer | None,
    health: JournalHealth,
    backups: SiteBackups,
) -> None:
    """Fill in the timetable."""
    jobs.add("journal", ALWAYS, _HEALTH_EVERY, health.run)
    jobs.add("backup", ALWAYS, _BACKUP_EVERY, backups.run)
    jobs.add("disk", ALWAYS, _DISK_EVERY, journal.try_again)
    for name, spooler in printing.room.spoolers.items():
        jobs.add(f"print {name}", ALWAYS, _PRINT_EVERY, spooler.run)
    if any(printer.failover for printer in settings.printers):
        jobs.add("failover", ALWAYS, _FAILOVER_EVERY, partial(_fail_over, printing, jobs))
    jobs.add("plugged", ALWAYS, _PLUGGED_EVERY, partial(look_for_printers, printing, jobs))
    jobs.add(KEPT_LETTERS, REGISTRY, _KEPT_LETTERS_EVERY, registry.inbox.again)
    jobs.add("access", ALWAYS, _ACCESS_EVERY, partial(write_noted, use_cases))
    jobs.add("access days", ALWAYS, _ACCESS_DAYS_EVERY, use_cases.access.settle)
    jobs.add("clock", ALWAYS, _CLOCK_EVERY, keys.clock.observe)
    jobs.add("signers", PAPERS, _SIGNERS_EVERY, certifier.look_again)
    if tls:
        jobs.add("certificate", ALWAYS, _LAN_EVERY, tls.look_again)
    if announcer:
        jobs.add("announce", ALWAYS, _LAN_EVERY, announcer.look_again)
    if registry.stick_watch:
        jobs.add("stick", REGISTRY, _STICK_EVERY, registry.stick_watch.run)
    for runner in followers.runners:
        jobs.add(f"follower {runner.name}", ALWAYS, runner.every, runner.run_when_due)
    for runner in messages.planners:
        jobs.add(runner.name, DISTRIBUTION, runner.every, runner.run_when_due)
    for name, sender in messages.senders.items():
        jobs.add(f"messages {name}", DISTRIBUTION, _MESSAGES_EVERY, sender.run)
    for scheduler in settings.schedulers:
        name, seconds = f"scheduler {scheduler.name}", 60.0 * scheduler.minutes
        jobs.add(name, APPOINTMENTS, seconds, outside_scheduler(scheduler, use_cases, journal).run)
    if messages.senders:
        jobs.add("reminders", DISTRIBUTION, _REMINDERS_EVERY, messages.reminders.run)
    if settings.has_line:
        jobs.add("sync", REGISTRY, _SYNC_EVERY, partial(_exchange, registry, keys))


def outside_scheduler(
    scheduler: SchedulerSettings, use_cases: UseCases, journal: Journal
) -> OutsideScheduler:
    """Make what asks a scheduler of the settings."""
    asked = AskedScheduler(
        scheduler.name, scheduler.url, scheduler.programme, scheduler.token_file, scheduler.days
    )
    return OutsideScheduler(asked, fetch, use_cases.tables, journal, use_cases.site)


def write_noted(use_cases: UseCases) -> None:
    """Write who saw whom, and when sessions were last used."""
    use_cases.access.flush()
    use_cases.authenticator.sessions.write_used()


def wake_printers(printing: Printing, jobs: Jobs) -> None:
    """Let every printer look for its slips now."""
    for name in printing.room.spoolers:
        jobs.wake(f"print {name}")


def look_for_printers(printing: Printing, jobs: Jobs) -> None:
    """Speak at once to a printer that was plugged in."""
    if printing.hotplug.look():
        for spooler in printing.room.spoolers.values():
            spooler.look_soon()
        wake_printers(printing, jobs)


def _fail_over(printing: Printing, jobs: Jobs) -> None:
    if printing.room.fail_over(time.monotonic()):
        wake_printers(printing, jobs)


def _exchange(registry: Registry, keys: Keys) -> None:
    """Push, then pull: letters with the pass, and behind it the histories of those expected."""
    done = registry.link.run_when_due()
    if done is not None and done.state == "synced":
        registry.history.ask_ahead(keys.clock.now())
