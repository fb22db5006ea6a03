"""The desk: what the services see and decide on a large screen. Views only: the rules are in the verbs."""

from __future__ import annotations

from flask import Blueprint

from interventions.desk import bulk_actions, map_points, message_preview, overview
from interventions.desk.inbox import inbound_messages, reception
from interventions.desk.notices import notices as notice_notices
from interventions.desk.reports import comments, report, report_list
from interventions.desk.work_orders import new_work_order, work_order, work_order_list


def blueprints() -> tuple[Blueprint, ...]:
    """The blueprint on which each module of views has put its routes."""
    return tuple(
        dict.fromkeys(
            (
                overview.desk,
                report_list.desk,
                report.desk,
                bulk_actions.desk,
                reception.desk,
                inbound_messages.desk,
                comments.desk,
                work_order_list.desk,
                work_order.desk,
                new_work_order.desk,
                message_preview.desk,
                notice_notices.desk,
                map_points.desk,
            )
        )
    )
