package directory

import (
	"context"
	"strconv"
	"time"

	"gorm.io/gorm"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// ReportDays is for how many days a report counts changes: as long as requests
// are kept.
const ReportDays = int(keepLogged / (24 * time.Hour))

// Health is how a directory fares: what is in it, and what its clients asked.
type Health struct {
	Users, Active, Unmatched, Groups int64
	Waiting                          int64 // people who are decided about within seconds
	Requests, Hour, Failures         int64 // within a day; Hour within an hour
	Refused                          int64 // within ReportDays
	Median                           time.Duration
}

// Accepted is the part of a day's requests that was not refused, in percent with
// one decimal; ok is false without requests.
func (h Health) Accepted() (percent float64, ok bool) {
	if h.Requests == 0 {
		return 0, false
	}
	return float64(h.Requests-h.Failures) * 100 / float64(h.Requests), true
}

// Day counts the changes of people and groups on a day. Somebody who is
// deactivated has left.
type Day struct {
	Start                 time.Time
	Joined, Changed, Gone int
}

// Sum is all changes of the day.
func (d Day) Sum() int { return d.Joined + d.Changed + d.Gone }

// Report is a directory with everything its page tells.
type Report struct {
	Standing
	Health Health
	Tokens []Token     // not revoked, the newest first
	Days   []Day       // the last ReportDays, today last
	Latest event.Event // the last change within these days; without an id for none
}

// Report reads how a directory of the actor's company fares. Days begin in the
// zone.
func (d *Directories) Report(ctx context.Context, by models.Actor, id string, zone *time.Location) (r Report, err error) {
	err = d.store.Read(ctx, by, models.ManageDirectory, func(tx *store.Tx) error {
		own, err := load(tx, id, false)
		if err != nil {
			return err
		}
		if r.Standing, err = standing(tx, own); err != nil {
			return err
		}
		if r.Health, err = health(tx, id); err != nil {
			return err
		}
		if err := tx.Where("directory_id = ? AND revoked_at IS NULL", id).Order("created_at DESC, id DESC").Find(&r.Tokens).Error; err != nil {
			return err
		}
		return r.changes(tx, zone)
	})
	return r, err
}

// health counts what there is in a directory.
func health(tx *store.Tx, id string) (h Health, err error) {
	hour, day, all := models.At(tx.Now().Add(-time.Hour)), models.At(tx.Now().Add(-24*time.Hour)), models.At(tx.Now().Add(-keepLogged))
	for _, count := range []struct {
		into  *int64
		table any
		where string
		args  []any
	}{
		{&h.Users, &User{}, "deleted_at IS NULL", nil},
		{&h.Active, &User{}, "deleted_at IS NULL AND active = ?", []any{true}},
		{&h.Unmatched, &User{}, "deleted_at IS NULL AND active = ? AND account_id = ?", []any{true, ""}},
		{&h.Waiting, &User{}, "due = ?", []any{true}},
		{&h.Groups, &Group{}, "", nil},
		{&h.Requests, &Request{}, "at > ?", []any{day}},
		{&h.Hour, &Request{}, "at > ?", []any{hour}},
		{&h.Failures, &Request{}, "at > ? AND status >= ?", []any{day, 400}},
		{&h.Refused, &Request{}, "at > ? AND status >= ?", []any{all, 400}},
	} {
		db := tx.Model(count.table).Where("directory_id = ?", id)
		if count.where != "" {
			db = db.Where(count.where, count.args...)
		}
		if err := db.Count(count.into).Error; err != nil {
			return h, err
		}
	}
	if h.Requests == 0 {
		return h, nil
	}
	var middle int64
	err = tx.Model(&Request{}).Where("directory_id = ? AND at > ?", id, day).Order("took_ms, id").Offset(int(h.Requests)/2).Limit(1).Pluck("took_ms", &middle).Error
	h.Median = time.Duration(middle) * time.Millisecond
	return h, err
}

// changeKinds are the events of people and groups.
var changeKinds = []string{event.DirectoryUserCreated, event.DirectoryUserUpdated, event.DirectoryUserDeleted,
	event.DirectoryGroupCreated, event.DirectoryGroupUpdated, event.DirectoryGroupDeleted}

// deactivated is how the data of an event begins to tell what was when somebody
// was deactivated: names are in order, and no attribute comes before active.
const deactivated = `%"previous_attributes":{"active":true%`

// changes counts the changes of the last days, and finds the latest. Events are
// in the order of their positions, of which those of the days are the last.
func (r *Report) changes(tx *store.Tx, zone *time.Location) error {
	today := tx.Now().In(zone)
	for i := ReportDays - 1; i >= 0; i-- {
		r.Days = append(r.Days, Day{Start: time.Date(today.Year(), today.Month(), today.Day()-i, 0, 0, 0, 0, zone)})
	}
	if r.LastRequestAt == nil {
		return nil
	}
	var before int64
	err := tx.Model(&store.Event{}).Where("occurred_at < ?", models.At(r.Days[0].Start)).Order("position DESC").Limit(1).Pluck("position", &before).Error
	if err != nil {
		return err
	}
	ours := func() *gorm.DB {
		return tx.Where("position > ? AND type IN ? AND data LIKE ? ESCAPE '\\'", before, changeKinds, `%"directory":"`+literal(r.ID)+`"%`)
	}
	day, args := "CASE", []any{}
	for i := 1; i < len(r.Days); i++ {
		day += " WHEN occurred_at < ? THEN " + strconv.Itoa(i-1)
		args = append(args, models.At(r.Days[i].Start))
	}
	day += " ELSE " + strconv.Itoa(len(r.Days)-1) + " END AS day"
	what := `CASE WHEN type IN ? THEN 'joined' WHEN type IN ? OR data LIKE ? THEN 'gone' ELSE 'changed' END AS what`
	args = append(args, []string{event.DirectoryUserCreated, event.DirectoryGroupCreated}, []string{event.DirectoryUserDeleted, event.DirectoryGroupDeleted}, deactivated)
	var counted []struct {
		Day, N int
		What   string
	}
	if err := ours().Model(&store.Event{}).Select(day+", "+what+", COUNT(*) AS n", args...).Group("day, what").Find(&counted).Error; err != nil {
		return err
	}
	for _, c := range counted {
		switch one := &r.Days[c.Day]; c.What {
		case "joined":
			one.Joined = c.N
		case "gone":
			one.Gone = c.N
		default:
			one.Changed = c.N
		}
	}
	return ours().Order("position DESC").Limit(1).Find(&r.Latest).Error
}
