-- stg_attendance
-- what:    what is recorded about a person at a session: a mark on a list, or minutes in a meeting
-- grain:   one row per batch_code, session_code and person_key
-- reads:   accepted.attendance, accepted.sessions, staging.stg_sessions, staging.stg_meeting_minutes, config.rules
-- params:  none
-- note:    a mark on a list wins over a meeting's minutes; the share that counts as present is configuration
with marked as (
    select sessions.batch_code, sessions.session_code, attendance.person_key, attendance.status
    from accepted.attendance as attendance
    inner join staging.stg_sessions as sessions
        on
            sessions.batch_code = attendance.batch_code
            and sessions.starts_at = attendance.session_starts_at
),
met as (
    select
        sessions.batch_code,
        sessions.session_code,
        minutes.person_key,
        case
            when
                minutes.connected_seconds
                >= rules.value * date_diff('second', sessions.starts_at, sessions.ends_at)
                then 'P'
            else 'A'
        end as status
    from staging.stg_meeting_minutes as minutes
    inner join accepted.sessions as sessions on sessions.session_code = minutes.session_code
    inner join config.rules as rules on rules.name = 'present_share'
)
select batch_code, session_code, person_key, status from marked
union all
select met.batch_code, met.session_code, met.person_key, met.status
from met
anti join marked using (session_code, person_key)
