-- fct_attendance
-- what:    every participant at every session of the batch, and the hours (JP) that count
-- grain:   one row per batch_code, session_code and person_key
-- reads:   staging.stg_enrolments, staging.stg_sessions, staging.stg_attendance, staging.stg_batches
-- params:  none
-- note:    nothing recorded (status null) is not present; excused (E) is recorded, but gives no hours
select
    sessions.batch_code,
    sessions.session_code,
    enrolments.person_key,
    sessions.starts_at,
    sessions.jp,
    attendance.status,
    coalesce(attendance.status in ('P', 'L'), false) as is_present,
    case when attendance.status in ('P', 'L') then sessions.jp else cast(0 as decimal(18, 4)) end as jp_attended,
    cycle_of(batches.closed_on) as cycle
from staging.stg_enrolments as enrolments
inner join staging.stg_sessions as sessions on sessions.batch_code = enrolments.batch_code
inner join staging.stg_batches as batches on batches.batch_code = enrolments.batch_code
left join staging.stg_attendance as attendance
    on attendance.session_code = sessions.session_code and attendance.person_key = enrolments.person_key
where enrolments.arm = 'trained' and enrolments.status <> 'withdrawn'
