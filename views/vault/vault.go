// Package vault shows an organization's secrets. Nothing here but Revealed has a
// value to show.
package vault

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/vault"
	"locum/views/i18n"
	"locum/views/ui"
)

// Path is where the secrets are.
const Path = "/secrets"

// Pasted is the choice of a form to paste a key rather than have one made.
const Pasted = "paste"

// Secrets are the list.
type Secrets struct {
	List    []vault.Secret
	Manages bool
	Now     time.Time
}

// One is one secret, for who may do what with it.
type One struct {
	vault.Detail
	Uses    bool
	Manages bool
	Now     time.Time
}

func at(s vault.Secret) string { return Path + "/" + s.ID }

// RevealPath is where somebody is asked whether a version is to be revealed; the
// current one where the number is none.
func RevealPath(id string, number int) string {
	if number < 1 {
		return Path + "/" + id + "/reveal"
	}
	return Path + "/" + id + "/reveal?version=" + strconv.Itoa(number)
}

func versionPath(s vault.Secret, v vault.Version, do string) string {
	return at(s) + "/versions/" + strconv.Itoa(v.Number) + "/" + do
}

// Task is what the form of a secret is for.
type Task string

// The tasks.
const (
	ToMake    Task = "new"
	ToReplace Task = "replace"
	ToChange  Task = "edit"
)

// Form is the form of a secret: of a new one, or of Saved.
type Form struct {
	vault.Draft
	Task  Task
	Saved *vault.Secret
	Wrong models.FieldErrors
}

func (f Form) action() string {
	if f.Saved == nil {
		return Path + "/new"
	}
	return at(*f.Saved) + "/" + string(f.Task)
}

func (f Form) back() string {
	if f.Saved == nil {
		return Path
	}
	return at(*f.Saved)
}

func (f Form) title(ctx context.Context) string { return i18n.T(ctx, "vault."+string(f.Task)) }

func (f Form) text(ctx context.Context) string {
	if f.Task == ToReplace {
		return i18n.T(ctx, "vault.replace.text")
	}
	if f.Task == ToChange {
		return i18n.T(ctx, "vault.edit.text")
	}
	return ""
}

func (f Form) named() bool  { return f.Task != ToReplace }
func (f Form) valued() bool { return f.Task != ToChange }

// kinds are the tabs of a new secret, which lead to a form for each.
func (f Form) kinds(ctx context.Context) (tabs []ui.Tab) {
	for _, k := range vault.Kinds {
		tabs = append(tabs, ui.Tab{Text: i18n.T(ctx, "vault.kind."+string(k)), Href: Path + "/new?kind=" + string(k), Current: k == f.Kind})
	}
	return tabs
}

func (f Form) algorithms(ctx context.Context) (list []ui.Option) {
	for _, a := range vault.Algorithms {
		list = append(list, ui.Option{Value: a, Label: i18n.T(ctx, "vault.algorithm.make", "Name", algorithm(a))})
	}
	return append(list, ui.Option{Value: Pasted, Label: i18n.T(ctx, "vault.algorithm.paste")})
}

// chosen is what stands in the list of algorithms.
func (f Form) chosen() string {
	if f.Algorithm == "" {
		return Pasted
	}
	return f.Algorithm
}

func (f Form) dateLabel(ctx context.Context) ui.Control {
	return ui.Control{Name: "date", Label: i18n.T(ctx, "vault.date"), Hint: i18n.T(ctx, "vault.date.hint"), Error: ui.ErrorText(ctx, f.Wrong, "date"),
		Optional: f.Kind != vault.Token, Required: f.Kind == vault.Token}
}

// algorithm is what an algorithm is called everywhere.
func algorithm(key string) string {
	name, size, sized := strings.Cut(key, "-")
	switch {
	case key == vault.Ed25519:
		return "Ed25519"
	case !sized:
		return key
	}
	return strings.ToUpper(name) + " " + strings.ToUpper(size)
}

// what is the kind of a secret with, for a key pair, its algorithm.
func what(ctx context.Context, s vault.Secret, v vault.Version) string {
	text := i18n.T(ctx, "vault.kind."+string(s.Kind))
	if v.Algorithm != "" {
		text += ", " + algorithm(v.Algorithm)
	}
	return text
}

// expiry is the chip of a secret that expires; shown only where it says something.
func expiry(ctx context.Context, s vault.Secret, now time.Time) (tone, text, icon string) {
	switch {
	case s.ExpiresAt == nil:
		return "", "", ""
	case s.Expired(now):
		return ui.Bad, i18n.T(ctx, "vault.expired"), "calendar-x"
	case s.Expiring(now):
		return ui.Warn, i18n.T(ctx, "vault.expiring"), "hourglass"
	}
	return ui.OK, i18n.T(ctx, "vault.valid"), "circle-check"
}

// until says up to when a value can be used.
func until(ctx context.Context, ends *models.Instant) string {
	if ends == nil {
		return i18n.T(ctx, "vault.endless")
	}
	return i18n.From(ctx).Date(ends.Add(-time.Second))
}

// did says in a sentence that somebody was given a value.
func did(ctx context.Context, e event.Event) string {
	key := "vault.use.revealed"
	if e.Type == event.SecretUsed {
		key = "vault.use.used"
	}
	return i18n.T(ctx, key, "Name", e.AccountName, "Version", versionOf(e))
}

// versionOf is the number of the version that an event tells of.
func versionOf(e event.Event) string {
	var data struct {
		Version int `json:"version"`
	}
	if json.Unmarshal([]byte(e.Data), &data) != nil || data.Version == 0 {
		return "?"
	}
	return strconv.Itoa(data.Version)
}

// who adds the organization of a visitor.
func who(e event.Event) string {
	if e.VisitID != "" {
		return e.RealOrganizationName
	}
	return ""
}

// Reveal is the question whether a value is to be revealed. Proof is where he shows
// first who he is; empty where he did.
type Reveal struct {
	One
	Of       vault.Version
	Proof    string
	Visiting bool
}

// older says that it is not the current version.
func (r Reveal) older() bool { return r.Of.Number != r.Version }

// current is the number of the version that is replaced.
func (f Form) current() string { return strconv.Itoa(f.Saved.Version) }
