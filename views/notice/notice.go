// Package notice shows a person's inbox, and where he chooses which mails he
// gets. What stands in an entry is what its mail says.
package notice

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"locum/models"
	"locum/models/mail"
	"locum/models/notice"
	"locum/models/tenancy"
	"locum/views/i18n"
	mailviews "locum/views/mail"
	"locum/views/ui"
)

// Inbox is the page of everything that a person was told.
type Inbox struct {
	notice.Contents
	Unread       bool // the filter
	Organization string
	Page         models.Page
	Here         models.Party // where he works now
	Now          time.Time
}

// address is that of the inbox with its filters, on a page of it.
func (b Inbox) address(unread bool, page int) string {
	q := url.Values{}
	if unread {
		q.Set("show", "unread")
	}
	if b.Organization != "" {
		q.Set("organization", b.Organization)
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	if len(q) == 0 {
		return "/inbox"
	}
	return "/inbox?" + q.Encode()
}

func (b Inbox) tabs(ctx context.Context) []ui.Tab {
	return []ui.Tab{
		{Text: i18n.T(ctx, "notice.tab.all"), Href: b.address(false, 1), Current: !b.Unread},
		{Text: i18n.T(ctx, "notice.tab.unread"), Href: b.address(true, 1), Current: b.Unread, Count: b.Contents.Unread, Counted: true},
	}
}

// pages are the addresses of the pages before and after this one.
func (b Inbox) pages() (previous, next string) {
	if b.Page.Number > 1 {
		previous = b.address(b.Unread, b.Page.Number-1)
	}
	if b.Page.Offset()+len(b.Entries) < b.Found {
		next = b.address(b.Unread, b.Page.Number+1)
	}
	return previous, next
}

func (b Inbox) hosts(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "notice.organization.any")}}
	for _, h := range b.Hosts {
		options = append(options, ui.Option{Value: h.Organization, Label: h.Label()})
	}
	return options
}

// summary is an entry in two lines. One that cannot be read any more says at
// least of which kind it was.
func summary(ctx context.Context, e notice.Received) mailviews.Summary {
	s, err := mailviews.Summarize(i18n.From(ctx), e.Content)
	if err != nil {
		return mailviews.Summary{Title: i18n.T(ctx, "notice.entry.other", "Host", e.Host.Label())}
	}
	return s
}

// Href is where an entry leads, within the hub.
func Href(ctx context.Context, e notice.Entry) string {
	content, err := e.Content()
	if err != nil {
		return "/inbox"
	}
	s, err := mailviews.Summarize(i18n.From(ctx), content)
	if err != nil || s.Href == "" {
		return "/inbox"
	}
	return s.Href
}

// background is who allowed it and why, and of which firm the person is.
func background(ctx context.Context, e notice.Received) string {
	of, is := e.Content.(interface{ About() mail.Delegated })
	if !is {
		return ""
	}
	d := of.About()
	said := i18n.T(ctx, "notice.entry.given", "GivenBy", d.GivenBy)
	if d.Firm.Domain != "" {
		said = d.Firm.Domain + " · " + said
	}
	for _, more := range []string{d.Reason, d.Ticket} {
		if more != "" {
			said += " · " + more
		}
	}
	return said
}

// Choices is the page on which a superuser chooses which mails he gets of the
// delegations for which he chooses nothing.
type Choices struct {
	Host         models.Party
	Own          tenancy.Notify // empty: as the organization's
	Organization tenancy.Notify
	Wrong        models.FieldErrors
	Conflict     *models.Message // why nothing was changed, or nil
}

// Modes are the ways to hear of visits that can be a default.
var Modes = []tenancy.Notify{tenancy.AtOnce, tenancy.PerVisit, tenancy.Digest}

// ModeName is what a way to hear of visits is called.
func ModeName(ctx context.Context, m tenancy.Notify) string {
	return i18n.T(ctx, "notice.mode."+string(m))
}

func modeHint(ctx context.Context, m tenancy.Notify) string {
	return i18n.T(ctx, "notice.mode."+string(m)+".hint")
}

// Mails is the part of a delegation's page on which a superuser chooses which
// mails he gets of it.
type Mails struct {
	Delegation string // id
	Person     string
	Watchers   []notice.Watcher
	Mine       *notice.Watcher // the reader's; nil where he is no superuser
	Fallback   tenancy.Notify
	MayMute    bool
	Muted      int
	Chosen     tenancy.Notify // in the form
	Days       int
	Wrong      models.FieldErrors
	Now        time.Time
}

// MuteDays are how long a mute can last.
var MuteDays = []int{1, 7, 14, notice.MostMuteDays}

func (m Mails) days(ctx context.Context) (options []ui.Option) {
	for _, days := range MuteDays {
		options = append(options, ui.Option{Value: strconv.Itoa(days), Label: i18n.N(ctx, "notice.days", days)})
	}
	return options
}

// watcher says how one superuser hears of the delegation.
func (m Mails) watcher(ctx context.Context, w notice.Watcher) string {
	switch {
	case w.Person.Bounced:
		return i18n.T(ctx, "notice.watcher.bounced")
	case w.Mode == tenancy.Muted:
		return i18n.T(ctx, "notice.watcher.muted", "Until", i18n.From(ctx).ShortDateTime(m.Now, w.Watch.MutedUntil.Time))
	}
	return ModeName(ctx, w.Mode)
}

// mutedBy says how many superusers muted a delegation, or nothing.
func mutedBy(ctx context.Context, muted, superusers int) string {
	if muted == 0 {
		return ""
	}
	return i18n.T(ctx, "notice.muted_by", "Muted", muted, "Superusers", superusers)
}
