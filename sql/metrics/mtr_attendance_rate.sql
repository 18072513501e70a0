-- mtr_attendance_rate
-- what:      hours (JP) attended out of hours scheduled
-- grain:     slice and batch
-- reads:     core.fct_attendance, core.brg_enrolment_slice
-- params:    $cycle
-- metric:    attendance_rate
-- title:     Kehadiran | Attendance
-- level:     delivery
-- unit:      share
-- direction: up
-- estimator: ratio_census
-- population: census
-- merge:     K
-- minimum_n: 5
-- grade:     none
-- source:    DOMAIN 3 (kehadiran %), 4.2 E6
-- needs:     attendance
select
    slices.slice_kind,
    slices.slice_code,
    '' as category,
    attendance.batch_code as cluster_code,
    count(distinct attendance.person_key) as n,
    count(distinct attendance.person_key) as eligible,
    cast(sum(attendance.jp_attended) as decimal(38, 8)) as sum_x,
    cast(null as decimal(38, 8)) as sum_xx,
    cast(sum(attendance.jp) as decimal(38, 8)) as sum_y,
    cast(null as decimal(38, 8)) as sum_yy,
    cast(null as decimal(38, 8)) as sum_xy
from core.fct_attendance as attendance
inner join core.brg_enrolment_slice as slices
    on slices.batch_code = attendance.batch_code and slices.person_key = attendance.person_key
where
    attendance.cycle = $cycle
    and attendance.batch_code in (
        select marked.batch_code from core.fct_attendance as marked where marked.status is not null
    )
group by slices.slice_kind, slices.slice_code, attendance.batch_code
