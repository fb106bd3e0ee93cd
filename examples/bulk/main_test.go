package main

func Example() {
	main()
	// Output:
	// WHAT A RECORD CAN BE CHANGED TO
	// ───────────────────────────────
	//
	//   status       the record is then  date and hour  agent  blacklist
	//   Unused       unused              –              –
	//   Call again   redial              –              –
	//   Not before   callback_at         required       –
	//   My record    own_callback_at     required       required
	//   No interest  closed              –              –
	//   Never again  closed              –              –  never
	//   Sold         success_closed      –              –
	//
	// FOUND BY WHAT WAS PASTED: LEAD-0003  LEAD-0017  +48 600 100 005
	// ───────────────────────────────────────────────────────────────
	//
	//   campaign  agent  author     number        last call  next call     system status  status     order
	//   spring    ann    ann.agent  +48600100003  –          01 Jun 10:03  my record      My record  4
	//   spring           ann.agent  +48600100005  –          –             do not call    Sold       6
	//   spring    ann    ann.agent  +48600100017  –          01 Jun 10:17  my record      My record  9
	//
	// ANN IS ILL: HER CALLBACKS BECOME BOB'S
	// ──────────────────────────────────────
	//
	//   would change 80 records of campaign "spring", any status, to status "my_record"
	//   changed 80 records of campaign "spring", any status, to status "my_record"
	//
	// THE LIST MAY.CSV IS CALLED AGAIN, BUT FOR GDYNIA
	// ────────────────────────────────────────────────
	//
	//   would change 133 records of campaign "spring", any status, to unused; 1 skipped: 1 in progress
	//   in progress, for example lead-0019: record lead-0019 is leased by "queue" (record lead-0019 of campaign spring) until 2026-06-01T08:02:00Z: wait, or end that lease
	//   changed 133 records of campaign "spring", any status, to unused; 1 skipped: 1 in progress
	//
	// 300 RECORDS WITHOUT INTEREST GO TO THE AUTUMN CAMPAIGN, THE OLDEST FIRST
	// ────────────────────────────────────────────────────────────────────────
	//
	//   would move 300 records from campaign "spring", status "no_interest", to campaign "autumn", status "callback"; 121 skipped: 120 limit reached, 1 there already
	//   the field "tariff" gets lost in 300 of them
	//   limit reached, for example lead-0020: campaign "autumn" would end the record at once: attempt limit, 5 of 5
	//   there already, for example lead-0044: contact in campaign "contact of lead-0044" exists already: record old-2 of campaign autumn
	//   … 0 moved, 42 skipped
	//   … 149 moved, 59 skipped
	//   … 149 moved, 103 skipped
	//   … 299 moved, 119 skipped
	//   … 300 moved, 121 skipped
	//   moved 300 records from campaign "spring", status "no_interest", to campaign "autumn", status "callback"; 121 skipped: 120 limit reached, 1 there already
	//
	// THAT WAS THE WRONG LIST: IT IS TAKEN BACK
	// ─────────────────────────────────────────
	//
	//   would restore 299 records; 2 skipped: 1 changed since, 1 not changed
	//   changed since, for example lead-0000: record lead-0000: what operation "autumn" changed cannot be restored: something else has changed it since
	//   not changed, for example lead-0044: the operation has not changed it
	//   restored 299 records; 2 skipped: 1 changed since, 1 not changed
	//
	// A REQUEST WITH MISTAKES CHANGES NOTHING
	// ───────────────────────────────────────
	//
	//   - the record is success, which is not moved: change its status first
	//   - clerk: a status is changed by users with an agent account: give the actor's agent
	//   - status "my_record": input date: want the date of the next call, such as "2026-03-31"
	//   - status "my_record": input hour: want the hour of the next call, "00:00" to "23:59"
	//   - status "my_record": nobody owns the callback: name an agent with it, or a responsible agent in the status
}
