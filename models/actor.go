package models

import (
	"net/netip"
	"time"
)

// Channel is the way in which an actor reached Locum.
type Channel string

// The channels.
const (
	Browser   Channel = "browser"
	Job       Channel = "job"
	CLI       Channel = "cli"
	Directory Channel = "directory"
	API       Channel = "api"
)

// Party is an organization in which somebody stands: his own (the real party)
// or the one he works in now (the effective party). A person with roles in a
// company alone has a party without an organization.
type Party struct {
	Company      string // id
	CompanyName  string
	Organization string // id, or empty
	Name         string // of the organization
	Hue          int    // 1 to 8, the organization's colour
	Icon         string // the organization's own sign; empty for the common one
	TimeZone     string // IANA name
	Domain       string // a verified domain of the company, or empty
}

// None says that there is no party at all.
func (p Party) None() bool { return p.Company == "" }

// Place is the id of the organization, or else of the company.
func (p Party) Place() string {
	if p.Organization == "" {
		return p.Company
	}
	return p.Organization
}

// Label is what a screen calls the party: the organization, or else the company.
func (p Party) Label() string {
	if p.Organization == "" {
		return p.CompanyName
	}
	return p.Name
}

// Actor says who acts in a request, for whom, and what he may do. It is made
// by models/access alone, from the database; nothing else decides authority.
// The zero Actor is nobody: it has no permission.
type Actor struct {
	Account  string // id
	Name     string
	Email    string
	Language string // BCP 47
	TimeZone string // IANA name
	Operator bool   // may open the platform's area

	Session  string // id
	Method   string // how he signed in: "code", "saml"
	AuthTime time.Time

	SecondFactor   string    // the latest that he showed in this session: "passkey", "provider"; empty: none
	SecondFactorAt time.Time // zero: never

	Real      Party // where he belongs
	Effective Party // where he works now

	Delegation string    // id, during a visit
	Visit      string    // id, during a visit
	Ends       time.Time // when the delegation or the mandate ends; zero for no end date
	Ended      *Ended    // a visit or mandate of this session that is over, and not yet told

	// Needs are what keeps his visit from going on: while there is one he may do
	// nothing in it. Networks are those from which it goes on; none: from anywhere.
	Needs    []Need
	Networks []netip.Prefix

	// Mandate is by what he sets up a company in which he needs no role; nil for
	// everybody else. By a set-up link there is no account, and no real party.
	Mandate *Mandate

	BreakGlass *BreakGlass // nil in an ordinary session

	// Epoch rises at each switch of this session. Each form carries the one it
	// was rendered for.
	Epoch int64

	Channel     Channel
	Address     string // the network address he came from
	Application string // id of the application through which he acts, or empty
	Form        string // the key of the form that he sent, where it has one

	// Permissions holds in the effective organization and, when not visiting,
	// in its company and the platform.
	Permissions Permissions
}

// Ended tells of a visit or a mandate that came to its end. After a visit, and
// an operator's mandate, the session goes on; with a set-up link it ended too.
type Ended struct {
	Visit        string
	Mandate      string
	Organization string // its name; of a mandate, the company's
	Reason       string // a LeaveReason of models/delegation, or an Over of models/mandate
	At           time.Time
}

// BreakGlass marks a session that a manager opened by a code although his
// company requires single sign-on. It reaches that company and nothing else.
type BreakGlass struct {
	Company string // id
	Ends    time.Time
}

// NotInBreakGlass refuses what a break-glass session is not for: anything
// outside its company, and widening the way by which it came in.
func (a Actor) NotInBreakGlass() error {
	if a.BreakGlass == nil {
		return nil
	}
	return Fail(Forbidden, "breakglass.error.not_here")
}

// AtHome is the actor in what he does to his own account: wherever he works now,
// it is no part of that, and nobody at home learns of it by this.
func (a Actor) AtHome() Actor {
	a.Effective, a.Delegation, a.Visit = a.Real, "", ""
	return a
}

// Anonymous says that nobody is signed in, neither to an account nor by a
// set-up link.
func (a Actor) Anonymous() bool { return a.Account == "" && a.Mandate == nil }

// ByLink says that he works by a set-up link, without an account.
func (a Actor) ByLink() bool { return a.Mandate != nil && a.Mandate.Kind == LinkMandate }

// Visiting says that he works in another organization through a delegation.
func (a Actor) Visiting() bool { return a.Visit != "" }

// May says whether he holds a permission where he works now.
func (a Actor) May(p Permission) bool {
	if p == OwnAccount {
		return a.Account != ""
	}
	return a.Permissions.Has(p)
}

// System is the actor of sweeps and jobs: Locum itself.
func System() Actor { return Actor{Channel: Job} }
