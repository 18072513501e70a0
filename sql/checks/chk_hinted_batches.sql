-- chk_hinted_batches
-- what:    the batch that a person's word, else the folder, gives a file, whatever is in the file
-- grain:   one row per file_sha
-- reads:   quality.filing_hints, accepted.batches
-- params:  none
select hints.file_sha, arg_max(hints.batch_code, hints.how) as batch_code -- of folder and word the later letter wins
from quality.filing_hints as hints
inner join accepted.batches as batches on batches.batch_code = hints.batch_code
group by hints.file_sha
order by hints.file_sha
