// Package directory shows a company's directories: setting one up, how it fares,
// its tokens, its log of requests, its people and groups, and removals that wait.
package directory

import (
	"context"
	"strconv"
	"time"

	"locum/models"
	"locum/models/directory"
	"locum/views/i18n"
	"locum/views/ui"
)

// home is where a company's directories are.
const home = "/company/directory"

func at(d directory.Directory) string { return home + "/" + d.ID }

// way is the way up to a directory and to a page below it.
func way(ctx context.Context, d directory.Directory, more ...ui.Crumb) []ui.Crumb {
	return append([]ui.Crumb{{Text: i18n.T(ctx, "directory.title"), Href: home}, {Text: d.Name, Href: at(d)}}, more...)
}

// Standings is the list of several directories.
type Standings struct {
	List  []directory.Standing
	Rules bool // the reader may write rules
	Now   time.Time
}

// Draft is the form of a new directory.
type Draft struct {
	directory.Draft
	Wrong models.FieldErrors
}

// One is the page of a directory.
type One struct {
	directory.Report
	Refused   []directory.Request // the latest
	Base      string              // address for clients
	Only      bool                // the company has no other
	Rules     bool                // the reader may write rules, and have everybody evaluated
	Removable bool                // the reader may remove it
	Now       time.Time
}

// TokenForm asks for another token.
type TokenForm struct {
	directory.Directory
	Days  int
	Full  bool // two are in use
	Wrong models.FieldErrors
}

// Decision is the page about removals that wait.
type Decision struct {
	directory.Directory
	Staged  []directory.User
	May     bool // the reader decides
	People  bool // the reader may open the pages of people
	Confirm string
	Wrong   models.FieldErrors
	Now     time.Time
}

// stateChip is how a directory stands.
func stateChip(ctx context.Context, s directory.State) (tone, text, icon string) {
	tones := map[directory.State][2]string{directory.InSync: {ui.OK, "circle-check"}, directory.IsPaused: {ui.Off, "circle-pause"}, directory.IsHeld: {ui.Warn, "hand"},
		directory.Unheard: {ui.Info, "circle-dashed"}, directory.IsSilent: {ui.Warn, "triangle-alert"}}
	return tones[s][0], i18n.T(ctx, "directory.state."+string(s)), tones[s][1]
}

// lastHeard is when a directory's client asked last.
func lastHeard(ctx context.Context, d directory.Directory, now time.Time) string {
	if d.LastRequestAt == nil {
		return i18n.T(ctx, "directory.never")
	}
	return i18n.From(ctx).Relative(now, d.LastRequestAt.Time)
}

// silence is for how long a directory has been silent, in hours.
func silence(s directory.Standing, now time.Time) int { return int(s.SilentFor(now) / time.Hour) }

func count(ctx context.Context, n int64) string { return i18n.From(ctx).Number(int(n)) }

// accepted is the part of a day's requests that was taken.
func accepted(ctx context.Context, h directory.Health) string {
	percent, some := h.Accepted()
	if !some {
		return "—"
	}
	return i18n.From(ctx).Percent(percent)
}

// median is the time that half of a day's requests took at most.
func median(ctx context.Context, h directory.Health) string {
	if h.Requests == 0 {
		return "—"
	}
	return took(ctx, h.Median.Milliseconds())
}

// took is how long something took. What is measured as nothing took less than
// that.
func took(ctx context.Context, ms int64) string {
	if ms == 0 {
		return i18n.T(ctx, "directory.ms.less")
	}
	return i18n.T(ctx, "directory.ms", "Number", count(ctx, ms))
}

// lives are for how many days a token can last.
var lives = []int{90, 180, 365, 730, 0}

func (f TokenForm) lives(ctx context.Context) (list []ui.Option) {
	for _, days := range lives {
		one := ui.Option{Value: strconv.Itoa(days), Label: i18n.T(ctx, "directory.token.endless")}
		if days > 0 {
			one.Label = i18n.N(ctx, "directory.token.days", days)
		}
		list = append(list, one)
	}
	return list
}

// removalChip is what became of a removal by the directory; text is empty where
// there is nothing to tell.
func removalChip(ctx context.Context, u directory.User) (tone, text, icon string) {
	switch u.Removal {
	case directory.Staged, directory.Held, directory.Kept, directory.Approved:
		return ui.Warn, i18n.T(ctx, "directory.removal."+string(u.Removal)), "hand"
	}
	return "", "", ""
}

// activeChip says whether the directory has somebody as active.
func activeChip(ctx context.Context, u directory.User) (tone, text, icon string) {
	switch {
	case u.DeletedAt != nil:
		return ui.Off, i18n.T(ctx, "directory.person.deleted"), "circle-x"
	case u.Active:
		return ui.OK, i18n.T(ctx, "directory.person.active"), "circle-check"
	}
	return ui.Off, i18n.T(ctx, "directory.person.inactive"), "circle-slash"
}

// doubt says in words why nobody is matched.
func doubt(ctx context.Context, k directory.Known) string {
	if k.Doubt == directory.NoDoubt {
		return ""
	}
	return i18n.T(ctx, "directory.doubt."+string(k.Doubt), "Address", k.Address)
}

func peopleDetail(ctx context.Context, h directory.Health) string {
	l := i18n.From(ctx)
	text := l.N("directory.people.active_count", int(h.Active))
	if h.Unmatched > 0 {
		text += " · " + l.N("directory.people.unmatched_count", int(h.Unmatched))
	}
	return text
}

// lastChange is when something changed last, of what the report covers.
func lastChange(ctx context.Context, o One) string {
	if o.Latest.ID == "" {
		return "—"
	}
	return i18n.From(ctx).Relative(o.Now, o.Latest.OccurredAt.Time)
}

// changed is what changed last.
func changed(ctx context.Context, o One) string {
	if o.Latest.ID == "" {
		return i18n.N(ctx, "directory.nothing_in_days", directory.ReportDays)
	}
	return o.Latest.SubjectName
}

func toneOf(key string) string {
	for _, s := range stack {
		if s.key == key {
			return s.tone
		}
	}
	return ui.Off
}
