-- stg_meeting_minutes
-- what:    minutes a person was connected to a session: the union of connections, clipped to the schedule
-- grain:   one row per session_code and person_key
-- reads:   accepted.presence, accepted.sessions
-- params:  none
-- note:    overlapping connections (two devices, a rejoin) count once
with clipped as (
    select
        sessions.session_code,
        presence.person_key,
        greatest(presence.joined_at, sessions.starts_at) as from_at,
        least(presence.left_at, sessions.ends_at) as to_at
    from accepted.presence as presence
    inner join accepted.sessions as sessions
        on
            sessions.meeting_id = presence.meeting_id
            and presence.joined_at < sessions.ends_at
            and presence.left_at > sessions.starts_at
    where presence.person_key is not null
),
ordered as (
    select
        *,
        max(to_at) over (
            partition by session_code, person_key
            order by from_at, to_at
            rows between unbounded preceding and 1 preceding
        ) as covered_to
    from clipped
)
select
    session_code,
    person_key,
    sum(
        date_diff('second', greatest(from_at, coalesce(covered_to, from_at)), to_at)
    ) filter (to_at > coalesce(covered_to, from_at)) as connected_seconds
from ordered
group by session_code, person_key
