"""Plays a plan's steps through the same verbs as everybody's, each at the time of the plan."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from core.database import db
from core.geo import Place
from core.identity import contacts, permissions
from core.identity.actor import Actor
from core.identity.models import Contact
from demo import content, geometry
from demo.pictures.gallery import Gallery
from demo.stories import OrderLife, Plan, ReportLife, Resident, Shot, Step
from interventions.planning import verbs as planning_verbs
from interventions.triage import verbs as triage_verbs
from interventions.work_orders import execution
from interventions.work_orders import verbs as work_order_verbs
from interventions.work_orders.models import WorkOrder
from reporter import subscriptions
from reporter.reports import intake as report_intake
from reporter.reports.models import Report
from reporter.subscriptions.models import ReportSubscription


class PlanPlayer:
    """Knows which report and work order a plan's keys have become."""

    def __init__(self, plan: Plan, layout: geometry.TownLayout, people: Mapping[str, int], gallery: Gallery):
        self.plan, self.layout, self.people, self.gallery = plan, layout, people, gallery
        self.roles = {one.email: one.role for one in content.load().colleagues}
        self.references: dict[int, str] = {}
        self.numbers: dict[int, str] = {}

    def play(self, step: Step) -> None:
        """Do one step. Raises what its verb raises: a plan that cannot be played is a defect."""
        if step.verb == "submit":
            self._submit(self.plan.reports[step.report_key], self._actor(step))
        elif step.verb == "make":
            self._make(self.plan.orders[step.order_key], step)
        elif step.report is not None:
            getattr(self, f"_{step.verb}")(self.references[step.report], step, self._actor(step))
        else:
            self._at_work(self.plan.orders[step.order_key], step)

    def _actor(self, step: Step) -> Actor:
        """Who: residents by the report's door, agents from the street, the others from the desk."""
        if not step.who or step.verb == "submit":
            channel = self.plan.reports[step.report_key].channel if step.verb == "submit" else "web"
        else:
            channel = "desk" if permissions.has(self.roles[step.who], "desk.open") else "field"
        return Actor(channel, self.people.get(step.who), step.at, self.roles.get(step.who))

    def _place(self, street_name: str, number: int) -> Place:
        lat, lon = self.layout.street(street_name).position(number)
        return Place(lon, lat)

    def _photos(self, shots: Sequence[Shot], place: Place) -> list[str]:
        return [str(self.gallery.photo(shot, place.lat, place.lon).token) for shot in shots]

    # --- reports ---

    def _submit(self, life: ReportLife, by: Actor) -> None:
        place = self._place(life.street, life.number)
        report = report_intake.submit(
            by=by,
            category=life.category,
            place=place,
            address=life.address,
            description=life.text,
            contact=_details(life.author) if life.author else None,
            answers=dict(life.answers),
            photos=self._photos(life.photos, place),
        )
        self.references[life.key] = report.reference

    def _follow(self, reference: str, step: Step, by: Actor) -> None:
        """A neighbour follows, and answers the mail that asks whether the address is theirs."""
        report, details = report_intake.lock_report(reference), _details(step.data["person"])
        if subscriptions.subscribe(report, details, by=by):
            subscriptions.confirm(
                db.session.scalars(
                    select(ReportSubscription)
                    .join(Contact, Contact.id == ReportSubscription.contact_id)
                    .where(ReportSubscription.report_id == report.id, Contact.email == details.email)
                ).one()
            )

    def _acknowledge(self, reference: str, step: Step, by: Actor) -> None:
        triage_verbs.acknowledge(report_intake.lock_report(reference), by=by)

    def _note(self, reference: str, step: Step, by: Actor) -> None:
        triage_verbs.note(report_intake.lock_report(reference), text=step.data["text"], by=by)

    def _reject(self, reference: str, step: Step, by: Actor) -> None:
        triage_verbs.reject(report_intake.lock_report(reference), reason=step.data["reason"], by=by)

    def _merge(self, reference: str, step: Step, by: Actor) -> None:
        triage_verbs.merge(reference, self.references[step.data["into"]], by=by, reason=step.data["reason"])

    def _correct_category(self, reference: str, step: Step, by: Actor) -> None:
        triage_verbs.correct_category(report_intake.lock_report(reference), category=step.data["category"], by=by)

    def _correct_place(self, reference: str, step: Step, by: Actor) -> None:
        name, number = step.data["street"], step.data["number"]
        triage_verbs.correct_place(
            report_intake.lock_report(reference),
            place=self._place(name, number),
            address=self.layout.street(name).address(number),
            by=by,
        )

    # --- work ---

    def _make(self, life: OrderLife, step: Step) -> None:
        reports = self._locked(life)
        place = None if reports else self._address(life)
        order = work_order_verbs.create_work_order(
            reports=reports,
            kind=life.kind,
            title=life.title,
            instructions=life.instructions,
            category=None if reports else life.category,
            place=place,
            address=life.address,
            by=self._actor(step),
        )
        self.numbers[life.key] = order.number

    def _locked(self, life: OrderLife) -> list[Report]:
        return [
            report_intake.lock_report(reference) for reference in sorted(self.references[key] for key in life.reports)
        ]

    def _address(self, life: OrderLife) -> Place:
        """The place of work that answers no report: where its first report would be."""
        number, name = life.address.split(" ", 1)
        return self._place(name, int(number))

    def _at_work(self, life: OrderLife, step: Step) -> None:
        order, by, data = work_order_verbs.lock_work_order(self.numbers[life.key]), self._actor(step), dict(step.data)
        if step.verb == "finish":
            self._finish(life, order, data, by)
        elif step.verb == "schedule":
            planning_verbs.schedule(order, **data, by=by)
        elif step.verb == "approve":
            work_order_verbs.approve(order, by=by)
        else:
            verb = execution.return_work if step.verb == "return" else getattr(execution, step.verb)
            verb(order, **data, by=by)

    def _finish(self, life: OrderLife, order: WorkOrder, data: dict[str, Any], by: Actor) -> None:
        shots = data.pop("photos")
        if shots:
            first = self.plan.reports[life.reports[0]]
            data["photos"] = self._photos(shots, self._place(first.street, first.number))
        execution.finish(order, **data, by=by)


def _details(person: Resident) -> contacts.ContactDetails:
    return contacts.parse_contact_details(name=person.name, email=person.email, locale=person.locale)
