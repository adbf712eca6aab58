package mail

import (
	"encoding/json"
	"fmt"

	"locum/models"
)

// Place is an organization as mails show it.
type Place struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Company  string `json:"company,omitempty"` // name
	Domain   string `json:"domain,omitempty"`  // verified, beside names that look alike
	Hue      int    `json:"hue"`
	TimeZone string `json:"time_zone,omitempty"`
}

// PlaceOf is the place of a party.
func PlaceOf(p models.Party) Place {
	return Place{ID: p.Organization, Name: p.Label(), Company: p.CompanyName, Domain: p.Domain, Hue: p.Hue, TimeZone: p.TimeZone}
}

// Delegated is what each mail about a delegation says: who, of which firm,
// allowed by whom and why, until when.
type Delegated struct {
	Delegation string          `json:"delegation"` // id
	Host       Place           `json:"host"`
	Person     string          `json:"person"` // name, or the address while nobody accepted
	Email      string          `json:"email"`
	Firm       Place           `json:"firm"` // the real party; empty while unknown
	GivenBy    string          `json:"given_by"`
	Reason     string          `json:"reason,omitempty"`
	Ticket     string          `json:"ticket,omitempty"`
	Roles      []string        `json:"roles"` // display names
	Starts     models.Instant  `json:"starts"`
	Ends       *models.Instant `json:"ends,omitempty"`
}

// The kinds of mail.
const (
	CodeKind              Kind = "code"
	InvitationKind        Kind = "invitation"
	MemberInvitationKind  Kind = "member_invitation"
	GrantedKind           Kind = "granted"
	AnsweredKind          Kind = "answered"
	EnteredKind           Kind = "entered"
	LeftKind              Kind = "left"
	ExtendedKind          Kind = "extended"
	RevokedKind           Kind = "revoked"
	ExpiredKind           Kind = "expired"
	SuspendedKind         Kind = "suspended"
	ApprovalAskedKind     Kind = "approval_asked"
	ApprovalAnsweredKind  Kind = "approval_answered"
	AmendedKind           Kind = "amended"
	CertificateKind       Kind = "certificate"
	HeldKind              Kind = "held"
	RunHeldKind           Kind = "run_held"
	SetUpLinkKind         Kind = "set_up_link"
	SetUpOpenedKind       Kind = "set_up_opened"
	SetUpBeganKind        Kind = "set_up_began"
	SilenceKind           Kind = "silence"
	BreakGlassNamedKind   Kind = "break_glass_named"
	BreakGlassEnteredKind Kind = "break_glass_entered"
	NoBreakGlassKind      Kind = "no_break_glass"
	SeatKind              Kind = "seat"
	WebhookOffKind        Kind = "webhook_off"
)

// Code carries a sign-in code. The code itself is derived from Request when
// the mail is written, and stands nowhere else.
type Code struct {
	Request string `json:"request"` // id of the sign-in request
	SignUp  bool   `json:"sign_up"`
	// BreakGlass is the name of the company that requires single sign-on, where
	// the code lets a manager in all the same.
	BreakGlass string `json:"break_glass,omitempty"`
	// SetUp is the company that a set-up link opens; empty to sign in or up.
	SetUp   string         `json:"set_up,omitempty"`
	Expires models.Instant `json:"expires"`
}

// Invitation offers a delegation to the consultant. Its link names the
// delegation and nothing secret: it binds nobody, since accepting asks for a
// signed-in account that has proven the mailbox.
type Invitation struct{ Delegated }

// MemberInvitation asks somebody to join an organization as a member.
type MemberInvitation struct {
	Invitation string         `json:"invitation"`
	Host       Place          `json:"host"`
	InvitedBy  string         `json:"invited_by"`
	Roles      []string       `json:"roles"`
	Expires    models.Instant `json:"expires"`
}

// Granted tells the other superusers that a delegation was given.
type Granted struct{ Delegated }

// Answered tells who gave it that the consultant accepted or declined.
type Answered struct {
	Delegated
	Accepted bool `json:"accepted"`
}

// Entered tells each superuser that a visit began.
type Entered struct {
	Delegated
	Visit   string         `json:"visit"`
	At      models.Instant `json:"at"`
	Address string         `json:"address,omitempty"`
	First   bool           `json:"first"` // the first visit of this delegation
	// Strange says that he never came into this organization so before: with this
	// browser and system, from this network. Silent, that he did not come for 30 days.
	Strange bool   `json:"strange,omitempty"`
	Silent  bool   `json:"silent,omitempty"`
	Device  string `json:"device,omitempty"` // "Firefox, Linux"
}

// Left tells each superuser that a visit ended, and what was done in it.
type Left struct {
	Delegated
	Visit   string         `json:"visit"`
	Entered models.Instant `json:"entered"`
	At      models.Instant `json:"at"`
	Why     string         `json:"why"` // a leave reason of models/delegation
	Done    []Line         `json:"done"`
}

// Line counts what was done in a visit: a type of event and how often.
type Line struct {
	Type  string `json:"type"`
	Count int    `json:"count"`
}

// Extended tells consultant and superusers of a new end.
type Extended struct {
	Delegated
	By           string          `json:"by"`
	Before       *models.Instant `json:"before,omitempty"`
	ToConsultant bool            `json:"to_consultant"`
}

// Revoked tells consultant and superusers that it is over before its time.
// GivenBack says that the consultant ended it himself.
type Revoked struct {
	Delegated
	By           string         `json:"by"`
	At           models.Instant `json:"at"`
	ToConsultant bool           `json:"to_consultant"`
	GivenBack    bool           `json:"given_back"`
}

// Expired tells consultant and superusers that the period is over.
type Expired struct {
	Delegated
	At           models.Instant `json:"at"`
	Visits       int            `json:"visits"`
	ToConsultant bool           `json:"to_consultant"`
}

// Suspended tells consultant and superusers that nobody can enter for now.
type Suspended struct {
	Delegated
	At           models.Instant `json:"at"`
	Why          string         `json:"why"` // a suspend reason of models/delegation
	ToConsultant bool           `json:"to_consultant"`
}

// Seat tells a person who waited for a seat that he has one.
type Seat struct {
	Company Place `json:"company"`
}

func (BreakGlassNamed) Kind() Kind   { return BreakGlassNamedKind }
func (BreakGlassEntered) Kind() Kind { return BreakGlassEnteredKind }
func (NoBreakGlass) Kind() Kind      { return NoBreakGlassKind }
func (Seat) Kind() Kind              { return SeatKind }

// WebhookOff tells a company's manager, an organization's superuser or an operator
// that an endpoint of their webhooks was switched off, because it failed for days or
// wants nothing any more.
type WebhookOff struct {
	Endpoint     string          `json:"endpoint"`        // id
	Host         string          `json:"host"`            // of its address
	Place        Place           `json:"company"`         // the company or the organization; empty for the platform
	Organization bool            `json:"organization"`    // it is an organization's
	Why          string          `json:"why"`             // "gone" or "failing"
	Since        *models.Instant `json:"since,omitempty"` // when it began to fail
	At           models.Instant  `json:"at"`
}

// Kind names the mail.
func (WebhookOff) Kind() Kind { return WebhookOffKind }

func (RunHeld) Kind() Kind { return RunHeldKind }

func (Code) Kind() Kind             { return CodeKind }
func (Invitation) Kind() Kind       { return InvitationKind }
func (MemberInvitation) Kind() Kind { return MemberInvitationKind }
func (Granted) Kind() Kind          { return GrantedKind }
func (Answered) Kind() Kind         { return AnsweredKind }
func (Entered) Kind() Kind          { return EnteredKind }
func (Left) Kind() Kind             { return LeftKind }
func (Extended) Kind() Kind         { return ExtendedKind }
func (Revoked) Kind() Kind          { return RevokedKind }
func (Expired) Kind() Kind          { return ExpiredKind }
func (Suspended) Kind() Kind        { return SuspendedKind }
func (Certificate) Kind() Kind      { return CertificateKind }
func (Held) Kind() Kind             { return HeldKind }
func (SetUpLink) Kind() Kind        { return SetUpLinkKind }
func (SetUpOpened) Kind() Kind      { return SetUpOpenedKind }
func (SetUpBegan) Kind() Kind       { return SetUpBeganKind }
func (Silence) Kind() Kind          { return SilenceKind }

// Content reads the facts of a queued mail back into their kind.
func (m Mail) Content() (Content, error) {
	switch m.Kind {
	case CodeKind:
		return read[Code](m)
	case InvitationKind:
		return read[Invitation](m)
	case MemberInvitationKind:
		return read[MemberInvitation](m)
	case GrantedKind:
		return read[Granted](m)
	case AnsweredKind:
		return read[Answered](m)
	case EnteredKind:
		return read[Entered](m)
	case LeftKind:
		return read[Left](m)
	case ExtendedKind:
		return read[Extended](m)
	case RevokedKind:
		return read[Revoked](m)
	case ExpiredKind:
		return read[Expired](m)
	case SuspendedKind:
		return read[Suspended](m)
	case ApprovalAskedKind:
		return read[ApprovalAsked](m)
	case ApprovalAnsweredKind:
		return read[ApprovalAnswered](m)
	case AmendedKind:
		return read[Amended](m)
	case ExpiringKind:
		return read[Expiring](m)
	case QuestionKind:
		return read[Question](m)
	case ConfirmedKind:
		return read[Confirmed](m)
	case MoreAskedKind:
		return read[MoreAsked](m)
	case MoreRefusedKind:
		return read[MoreRefused](m)
	case AccessRequestedKind:
		return read[AccessRequested](m)
	case AccessRequestRefusedKind:
		return read[AccessRequestRefused](m)
	case FirmGivenKind:
		return read[FirmGiven](m)
	case FirmGrantedKind:
		return read[FirmGranted](m)
	case FirmProposedKind:
		return read[FirmProposed](m)
	case FirmOverKind:
		return read[FirmOver](m)
	case FirmPersonKind:
		return read[FirmPerson](m)
	case FirmExpiringKind:
		return read[FirmExpiring](m)
	case FirmExpiredKind:
		return read[FirmExpired](m)
	case FirmQuestionKind:
		return read[FirmQuestion](m)
	case FirmHeldKind:
		return read[FirmHeld](m)
	case FirmResumedKind:
		return read[FirmResumed](m)
	case FirmAnsweredKind:
		return read[FirmAnswered](m)
	case CertificateKind:
		return read[Certificate](m)
	case BreakGlassNamedKind:
		return read[BreakGlassNamed](m)
	case BreakGlassEnteredKind:
		return read[BreakGlassEntered](m)
	case NoBreakGlassKind:
		return read[NoBreakGlass](m)
	case SeatKind:
		return read[Seat](m)
	case RunHeldKind:
		return read[RunHeld](m)
	case HeldKind:
		return read[Held](m)
	case SetUpLinkKind:
		return read[SetUpLink](m)
	case WebhookOffKind:
		return read[WebhookOff](m)
	case SetUpOpenedKind:
		return read[SetUpOpened](m)
	case SetUpBeganKind:
		return read[SetUpBegan](m)
	case DirectoryHeldKind:
		return read[DirectoryHeld](m)
	case DirectoryKeptKind:
		return read[DirectoryKept](m)
	case DirectoryTokenKind:
		return read[DirectoryToken](m)
	case DirectorySilentKind:
		return read[DirectorySilent](m)
	case PasskeysResetKind:
		return read[PasskeysReset](m)
	case PasskeyKind:
		return read[Passkey](m)
	case SilenceKind:
		return read[Silence](m)
	case DigestKind:
		return read[Digest](m)
	case WatchChangedKind:
		return read[WatchChanged](m)
	case MuteEndedKind:
		return read[MuteEnded](m)
	case UnwatchedKind:
		return read[Unwatched](m)
	case LoosenedKind:
		return read[Loosened](m)
	case TestKind:
		return read[Test](m)
	case SecretGivenKind:
		return read[SecretGiven](m)
	case SecretExpiringKind:
		return read[SecretExpiring](m)
	case TokenMadeKind:
		return read[TokenMade](m)
	}
	return nil, fmt.Errorf("mail: unknown kind %q", m.Kind)
}

func read[T Content](m Mail) (Content, error) {
	var content T
	if err := json.Unmarshal([]byte(m.Data), &content); err != nil {
		return nil, fmt.Errorf("mail: %s: %w", m.Kind, err)
	}
	return content, nil
}
