-- chk_nearest
-- what:    the nearest batches of each part that waits, best first, and why they are near
-- grain:   one row per file_sha, part_no and batch_code
-- reads:   quality.filing_candidates
-- params:  none
select file_sha, part_no, batch_code, rows_in_time, people_enrolled, people_known, days_apart
from quality.filing_candidates
order by file_sha, part_no, fits desc, people_enrolled desc, rows_in_time desc, days_apart, batch_code
