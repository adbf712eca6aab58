package mail

import "locum/models"

// The kinds of mail about mails: the daily digest, who hears of what, and
// addresses that mail does not reach.
const (
	DigestKind       Kind = "digest"
	WatchChangedKind Kind = "watch_changed"
	MuteEndedKind    Kind = "mute_ended"
	UnwatchedKind    Kind = "unwatched"
	TestKind         Kind = "test"
	LoosenedKind     Kind = "loosened"
)

// About is the delegation that a mail tells of.
func (d Delegated) About() Delegated { return d }

// Digest sums up, for one superuser, what happened in his organization since
// the last one. It is never empty.
type Digest struct {
	Host Place          `json:"host"`
	From models.Instant `json:"from"` // the first thing in it
	To   models.Instant `json:"to"`
	Of   []Digested     `json:"of"`
	More int            `json:"more"` // things that stand in the inbox alone
}

// Digested is what happened with one delegation.
type Digested struct {
	Delegated
	Lines []DigestLine `json:"lines"`
}

// DigestLine is one thing that happened. A visit is one line, also when it was
// entered and left.
type DigestLine struct {
	Kind    Kind            `json:"kind"` // "entered", "left", "answered" or "token_made"
	At      models.Instant  `json:"at"`
	Visit   string          `json:"visit,omitempty"`
	Entered *models.Instant `json:"entered,omitempty"` // of a visit that was left
	Why     string          `json:"why,omitempty"`     // a leave reason of models/delegation
	Done    []Line          `json:"done,omitempty"`
	Yes     bool            `json:"yes,omitempty"`  // accepted, where it was answered
	Name    string          `json:"name,omitempty"` // of the token, where one was made
}

// WatchChanged tells the other superusers that one of them muted a delegation
// for himself, or does so no longer.
type WatchChanged struct {
	Delegated
	Superuser string          `json:"superuser"` // name
	Until     *models.Instant `json:"until,omitempty"`
	At        models.Instant  `json:"at"`
}

// MuteEnded tells a superuser that he gets mails about a delegation again.
type MuteEnded struct {
	Delegated
	Mode string         `json:"mode"` // how, from then on: a tenancy.Notify
	Why  string         `json:"why"`  // "over" or "endless"
	At   models.Instant `json:"at"`
}

// Unwatched tells superusers that another is no longer reached, and of which
// delegations they therefore get mails at once again.
type Unwatched struct {
	Host   Place          `json:"host"`
	Person string         `json:"person"`
	Email  string         `json:"email,omitempty"`
	Why    string         `json:"why"`             // "bounced" or "lost"
	Names  []string       `json:"names,omitempty"` // of the consultants
	At     models.Instant `json:"at"`
}

// Loosened tells the other superusers that one of them asks less of visitors, or of
// the delegations that the organization gives, than it did.
type Loosened struct {
	Host Place          `json:"host"`
	By   string         `json:"by"`
	What []string       `json:"what"` // loosenings of models/tenancy
	At   models.Instant `json:"at"`
}

// Test is a mail that a person sends to himself, to see that it arrives.
type Test struct {
	Asked models.Instant `json:"asked"`
}

func (Digest) Kind() Kind       { return DigestKind }
func (WatchChanged) Kind() Kind { return WatchChangedKind }
func (MuteEnded) Kind() Kind    { return MuteEndedKind }
func (Unwatched) Kind() Kind    { return UnwatchedKind }
func (Test) Kind() Kind         { return TestKind }
func (Loosened) Kind() Kind     { return LoosenedKind }
