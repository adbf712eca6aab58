// Package webhook shows what a company's machines are told: endpoints with their
// deliveries, and the tokens by which they read.
package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"locum/models"
	"locum/models/feed"
	"locum/models/webhook"
	"locum/views/i18n"
	"locum/views/ui"
)

// Path is where the endpoints of a scope are.
func Path(s webhook.Scope) string {
	switch s {
	case webhook.OfPlatform:
		return "/platform/webhooks"
	case webhook.OfOrganization:
		return "/webhooks"
	}
	return "/company/webhooks"
}

// at is the address of an endpoint's page.
func at(s webhook.Scope, e webhook.Endpoint) string { return Path(s) + "/" + e.ID }

// Endpoints are the list of endpoints of a scope.
type Endpoints struct {
	Scope webhook.Scope
	List  []webhook.Listed
	Now   time.Time
}

// Form is the form of an endpoint: of a new one, or of Saved.
type Form struct {
	webhook.Draft
	webhook.Choices
	Scope webhook.Scope
	Saved *webhook.Endpoint
	Wrong models.FieldErrors
}

// hint says which addresses are taken.
func (f Form) hint(ctx context.Context) string {
	if f.Insecure {
		return i18n.T(ctx, "webhook.url.hint.local")
	}
	return i18n.T(ctx, "webhook.url.hint")
}

// took is a number of milliseconds. What is measured as nothing took less than one.
func took(ctx context.Context, ms int64) string {
	if ms == 0 {
		return "< 1"
	}
	return i18n.From(ctx).Number(int(ms))
}

func (f Form) action() string {
	if f.Saved == nil {
		return Path(f.Scope) + "/new"
	}
	return at(f.Scope, *f.Saved) + "/edit"
}

func (f Form) back() string {
	if f.Saved == nil {
		return Path(f.Scope)
	}
	return at(f.Scope, *f.Saved)
}

func (f Form) title(ctx context.Context) string {
	if f.Saved == nil {
		return i18n.T(ctx, "webhook.new")
	}
	return i18n.T(ctx, "webhook.edit")
}

func (f Form) save(ctx context.Context) string {
	if f.Saved == nil {
		return i18n.T(ctx, "webhook.make")
	}
	return i18n.T(ctx, "webhook.save")
}

// places are whose events an endpoint can get.
func (f Form) places(ctx context.Context) []ui.Option {
	list := []ui.Option{{Value: "", Label: i18n.T(ctx, "webhook.whole_company")}}
	for _, o := range f.Organizations {
		list = append(list, ui.Option{Value: o.ID, Label: o.Name})
	}
	return list
}

// applications are those that an endpoint can receive for.
func (f Form) applications(ctx context.Context) []ui.Option {
	list := []ui.Option{{Value: "", Label: i18n.T(ctx, "webhook.application.none")}}
	for _, a := range f.Applications {
		list = append(list, ui.Option{Value: a.ID, Label: a.Name})
	}
	return list
}

// families are those that an endpoint of the scope can be sent.
func (f Form) families() []string {
	if f.Scope == webhook.OfOrganization {
		return feed.OrganizationFamilies
	}
	return feed.Families
}

// single are the chosen types that are no whole family: forms keep them.
func (f Form) single() (list []string) {
	for _, one := range f.Types {
		if !slices.Contains(f.families(), one) {
			list = append(list, one)
		}
	}
	return list
}

// health is an endpoint's chip.
func health(ctx context.Context, e webhook.Endpoint) (tone, text, icon string) {
	h := e.Health()
	tones := map[webhook.Health][2]string{webhook.Healthy: {ui.OK, "circle-check"}, webhook.Troubled: {ui.Warn, "circle-alert"},
		webhook.Off: {ui.Off, "circle-pause"}, webhook.Unused: {ui.Info, "circle-dashed"}}
	return tones[h][0], i18n.T(ctx, "webhook.health."+string(h)), tones[h][1]
}

// gets says which events an endpoint is sent.
func gets(ctx context.Context, e webhook.Endpoint) string {
	chosen := e.Chosen()
	if len(chosen) == 0 {
		return i18n.T(ctx, "webhook.all_types")
	}
	var names []string
	for _, one := range chosen {
		names = append(names, kindName(ctx, one))
	}
	return strings.Join(names, " · ")
}

// kindName is a family in words, and a single type as it is.
func kindName(ctx context.Context, kind string) string {
	if slices.Contains(feed.Families, kind) {
		return i18n.T(ctx, "webhook.family."+kind)
	}
	return kind
}

// One is the page of an endpoint.
type One struct {
	webhook.Detail
	Scope webhook.Scope
	State webhook.State
	Paged bool // it shows older deliveries
	Now   time.Time
}

// states are those by which deliveries are narrowed; "" for all.
var states = []webhook.State{"", webhook.Waiting, webhook.Failed, webhook.Delivered}

func (o One) tabs(ctx context.Context) (tabs []ui.Tab) {
	for _, s := range states {
		tab := ui.Tab{Text: i18n.T(ctx, "webhook.tab.all"), Href: at(o.Scope, o.Endpoint), Current: s == o.State}
		if s != "" {
			tab.Text, tab.Href = i18n.T(ctx, "webhook.state."+string(s)), tab.Href+"?state="+string(s)
		}
		switch s {
		case webhook.Waiting:
			tab.Count, tab.Counted = o.Waiting, true
		case webhook.Failed:
			tab.Count, tab.Counted = o.Failed, true
		}
		tabs = append(tabs, tab)
	}
	return tabs
}

func (o One) older() string {
	if o.Older == "" {
		return ""
	}
	to := at(o.Scope, o.Endpoint) + "?before=" + o.Older
	if o.State != "" {
		to += "&state=" + string(o.State)
	}
	return to
}

func (o One) newest() string {
	if !o.Paged {
		return ""
	}
	if o.State != "" {
		return at(o.Scope, o.Endpoint) + "?state=" + string(o.State)
	}
	return at(o.Scope, o.Endpoint)
}

// stateChip is where a delivery stands.
func stateChip(ctx context.Context, d webhook.Delivery) (tone, text, icon string) {
	text = i18n.T(ctx, "webhook.state."+string(d.State))
	switch {
	case d.State == webhook.Delivered:
		return ui.OK, text, "circle-check"
	case d.State == webhook.Failed:
		return ui.Bad, text, "circle-x"
	case d.State == webhook.Waiting && d.Attempts > 0:
		return ui.Warn, i18n.T(ctx, "webhook.state.again"), "clock"
	case d.State == webhook.Waiting:
		return ui.Info, text, "clock"
	}
	return ui.Off, text, "circle-slash"
}

// told is what became of a delivery, in a line below its state.
func told(ctx context.Context, d webhook.Delivery, now time.Time) string {
	switch {
	case d.State == webhook.Waiting && d.Attempts > 0 && d.NextAt != nil:
		return i18n.T(ctx, "webhook.next", "Why", fault(ctx, webhook.Fault(d.Failure)), "When", i18n.From(ctx).ShortDateTime(now, d.NextAt.Time))
	case d.State == webhook.Failed:
		return fault(ctx, webhook.Fault(d.Failure))
	}
	return ""
}

func fault(ctx context.Context, f webhook.Fault) string {
	if f == "" {
		return ""
	}
	return i18n.T(ctx, "webhook.fault."+string(f))
}

// answer is the chip of an attempt.
func answer(ctx context.Context, a webhook.Attempt) (tone, text, icon string) {
	text = i18n.T(ctx, "webhook.no_answer")
	if a.Status > 0 {
		text = strconv.Itoa(a.Status)
	}
	if a.Failure == "" {
		return ui.OK, text, "circle-check"
	}
	return ui.Bad, text, "circle-x"
}

// lines writes headers as they go over the wire, by name.
func lines(headers map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		b.WriteString(name + ": " + headers[name] + "\n")
	}
	return b.String()
}

// pretty indents a body for people.
func pretty(body string) string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(body), "", "  ") != nil {
		return body
	}
	return out.String()
}

// ReplayForm is the form by which a range is sent again.
type ReplayForm struct {
	Scope       webhook.Scope
	Endpoint    webhook.Endpoint
	From, Until string
	Wrong       models.FieldErrors
}

// Shelf says whose tokens pages are about, and where these pages are.
type Shelf struct {
	OfOrganization bool
	Path           string
	Scopes         []feed.Scope
	Example        string // an address that a token opens
}

// The shelves.
var (
	CompanyTokens      = Shelf{Path: "/company/api-tokens", Scopes: feed.CompanyScopes, Example: "/v1/events"}
	OrganizationTokens = Shelf{OfOrganization: true, Path: "/organization/api-tokens", Scopes: feed.OrganizationScopes, Example: "/v1/delegations"}
)

// text says in the head of the pages what tokens are for.
func (s Shelf) text(ctx context.Context) string {
	if s.OfOrganization {
		return i18n.T(ctx, "token.text.organization")
	}
	return i18n.T(ctx, "token.text")
}

// TokenList is the list of tokens; Base is the address of the API.
type TokenList struct {
	Shelf
	List []feed.Listed
	Base string
	Now  time.Time
}

// TokenForm is the form of a token.
type TokenForm struct {
	Shelf
	feed.Draft
	Wrong models.FieldErrors
}

func (f TokenForm) lives(ctx context.Context) (list []ui.Option) {
	for _, days := range feed.Lives {
		list = append(list, ui.Option{Value: strconv.Itoa(days), Label: i18n.N(ctx, "token.days", days)})
	}
	return list
}

func tokenState(ctx context.Context, t feed.Token, now time.Time) (tone, text, icon string) {
	switch {
	case t.RevokedAt != nil:
		return ui.Off, i18n.T(ctx, "token.state.revoked"), "circle-slash"
	case !t.Active(now):
		return ui.Off, i18n.T(ctx, "token.state.expired"), "calendar-x"
	case t.ExpiresAt.Sub(now) < 14*24*time.Hour:
		return ui.Warn, i18n.T(ctx, "token.state.ending"), "calendar-clock"
	}
	return ui.OK, i18n.T(ctx, "token.state.active"), "circle-check"
}

func scopes(t feed.Token) (list []string) {
	for _, s := range t.For() {
		list = append(list, string(s))
	}
	return list
}

// whose says whose events an endpoint is sent.
func whose(ctx context.Context, s webhook.Scope, l webhook.Listed) string {
	switch {
	case s == webhook.OfPlatform:
		return i18n.T(ctx, "webhook.whole_platform")
	case l.OrganizationID == "":
		return i18n.T(ctx, "webhook.whole_company")
	}
	return l.Organization
}

// applicationOf names the application that an endpoint receives for.
func applicationOf(ctx context.Context, l webhook.Listed) string {
	if l.Application == "" {
		return i18n.T(ctx, "webhook.application.gone")
	}
	return l.Application
}

// text says in the head of a list what webhooks of a scope are for.
func text(ctx context.Context, s webhook.Scope) string {
	switch s {
	case webhook.OfPlatform:
		return i18n.T(ctx, "webhook.text.platform")
	case webhook.OfOrganization:
		return i18n.T(ctx, "webhook.text.organization")
	}
	return i18n.T(ctx, "webhook.text")
}

// secretLines says of each secret that signs from when, and until when.
func secretLines(ctx context.Context, o One) (list []string) {
	locale := i18n.From(ctx)
	for _, s := range o.Secrets {
		made := locale.ShortDateTime(o.Now, s.CreatedAt.Time)
		if s.ExpiresAt == nil {
			list = append(list, i18n.T(ctx, "webhook.secret.newest", "Made", made))
		} else {
			list = append(list, i18n.T(ctx, "webhook.secret.older", "Made", made, "Ends", locale.ShortDateTime(o.Now, s.ExpiresAt.Time)))
		}
	}
	return list
}

// offSince says why and since when an endpoint is off.
func offSince(ctx context.Context, e webhook.Endpoint, now time.Time) string {
	text := i18n.T(ctx, "webhook.off."+e.OffWhy)
	if e.OffAt == nil {
		return text
	}
	return text + " " + i18n.T(ctx, "webhook.off.since", "When", i18n.From(ctx).ShortDateTime(now, e.OffAt.Time))
}
