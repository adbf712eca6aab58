// Package event names what can happen, and reads the audit trail in which it
// is kept. Events are written by models/store alone, with the change they tell
// of; this package must never write one.
package event

// The types of event. They stand in the table, in the API and in webhooks, and
// never change their meaning.
const (
	AccessRefused = "access.refused"

	AccountCreated     = "account.created"
	AccountChanged     = "account.changed"
	AccountDeactivated = "account.deactivated"
	// A mail server refuses the address of an account, and takes mail again.
	AddressBounced     = "account.address_bounced"
	AddressReached     = "account.address_reached"
	SignedIn           = "session.created"
	SignedOut          = "session.ended"
	SessionRevoked     = "session.revoked"
	OrganizationChosen = "session.switched"
	SignInRefused      = "session.refused"
	SteppedUp          = "session.stepped_up"

	PasskeyAdded   = "passkey.added"
	PasskeyRemoved = "passkey.removed"
	PasskeyRefused = "passkey.refused" // its counter went back

	CompanyCreated        = "company.created"
	CompanyChanged        = "company.changed"
	OrganizationCreated   = "organization.created"
	OrganizationChanged   = "organization.changed"
	ApplicationEnabled    = "application.enabled"
	ApplicationDisabled   = "application.disabled"
	ApplicationRegistered = "application.registered"
	ApplicationChanged    = "application.changed"
	// Somebody let a connected application know who he is, it gave that back, and
	// one of its codes or tokens was used twice.
	ApplicationEntered       = "application.entered"
	ApplicationLeft          = "application.left"
	ApplicationTokenReplayed = "application.token_replayed"
	// Connected applications: an application's registration as an OAuth client.
	ClientConnected     = "client.connected"
	ClientChanged       = "client.changed"
	ClientEnabled       = "client.enabled"
	ClientDisabled      = "client.disabled"
	ClientSecretCreated = "client.secret_created"
	ClientSecretRevoked = "client.secret_revoked"
	SigningKeysRotated  = "signing_keys.rotated"

	RoleRegistered = "role.registered"
	RoleChanged    = "role.changed"
	RoleDeleted    = "role.deleted"
	// In each company that used a deleted role: another took its place.
	RoleReplaced = "role.replaced"
	// Families of roles of which a person has one. Only a change of who is in
	// one, or in which order, carries the "roles".
	FamilyRegistered = "role_family.registered"
	FamilyChanged    = "role_family.changed"
	FamilyDeleted    = "role_family.deleted"
	// In each company in which a changed family gave or took roles.
	FamilyApplied = "role_family.applied"

	MemberInvited       = "member.invited"
	InvitationWithdrawn = "member.invitation_withdrawn"
	MemberJoined        = "member.joined"
	MemberRemoved       = "member.removed"
	// Somebody lost everything in a company at once.
	Offboarded = "member.offboarded"
	// Somebody may not come back into a company, and may again.
	PersonBlocked   = "member.blocked"
	PersonUnblocked = "member.unblocked"
	// A name at an identity provider is no longer that of an account.
	IdentityUnlinked = "identity.unlinked"

	RoleGranted = "role.granted"
	RoleRemoved = "role.removed"

	DelegationGranted   = "delegation.granted"
	DelegationAccepted  = "delegation.accepted"
	DelegationDeclined  = "delegation.declined"
	DelegationExtended  = "delegation.extended"
	DelegationRevoked   = "delegation.revoked"
	DelegationGivenBack = "delegation.given_back"
	DelegationExpired   = "delegation.expired"
	DelegationSuspended = "delegation.suspended"
	DelegationConfirmed = "delegation.confirmed"
	DelegationProposed  = "delegation.proposed" // it, or a change of it, waits for another superuser
	DelegationApproved  = "delegation.approved" // it is given; what a change does is told by DelegationAmended
	DelegationRejected  = "delegation.rejected"
	DelegationWithdrawn = "delegation.withdrawn" // by who proposed it
	DelegationLapsed    = "delegation.lapsed"    // nobody decided in time
	DelegationAmended   = "delegation.amended"
	// A superuser chose which mails he gets of a delegation, or of all that have
	// no choice of their own; and a choice that holds no more.
	DelegationWatchChanged = "delegation.watch_changed"
	WatchDefaultChanged    = "delegation.watch_default_changed"
	DelegationWatchReset   = "delegation.watch_reset"
	// What goes on meanwhile: the host is asked whether it goes on, it got an end
	// because nobody is left to ask, and its consultant asks for more time.
	DelegationQuestioned  = "delegation.questioned"
	DelegationEndSet      = "delegation.end_set"
	DelegationMoreAsked   = "delegation.more_asked"
	DelegationMoreRefused = "delegation.more_refused"

	VisitEntered = "visit.entered"
	VisitLeft    = "visit.left"
	VisitEnded   = "visit.ended" // by a superuser of the host
	// What the host asks of visitors kept somebody out, or from going on.
	VisitRefused = "visit.refused"
	VisitDenied  = "visit.denied" // an application is closed to visitors
	VisitHeld    = "visit.held"
	// The real organization's own record of a visit, and all that it is told.
	AwayEntered = "visit.away"
	AwayLeft    = "visit.returned"

	// Who may come in by code where single sign-on is required, and who did.
	BreakGlassNamed   = "break_glass.named"
	BreakGlassRemoved = "break_glass.removed"
	BreakGlassEntered = "break_glass.entered"
	BreakGlassEnded   = "break_glass.ended"

	// How many people may be active in a company, and who waits or need not.
	SeatsChanged = "seat.number_changed"
	SeatAwaited  = "seat.awaited"
	SeatTaken    = "seat.taken"

	ConnectorCreated  = "connector.created"
	ConnectorChanged  = "connector.changed"
	ConnectorDeleted  = "connector.deleted"
	ConnectionCreated = "connection.created"
	ConnectionChanged = "connection.changed"
	DomainAdded       = "domain.added"
	DomainVerified    = "domain.verified"
	DomainRemoved     = "domain.removed"
	ProfileResolved   = "profile.resolved"
	// A run evaluates everyone known in a company.
	RunStarted  = "run.started"
	RunCanceled = "run.canceled"
	RunHeld     = "run.held"
	RunFinished = "run.finished"

	// A company's directory: the names that are published, and our own.
	DirectoryEnabled      = "organization.directory_enabled"
	DirectoryDisabled     = "organization.directory_disabled"
	DirectoryUserCreated  = "organization.directory.user_created"
	DirectoryUserUpdated  = "organization.directory.user_updated"
	DirectoryUserDeleted  = "organization.directory.user_deleted"
	DirectoryGroupCreated = "organization.directory.group_created"
	DirectoryGroupUpdated = "organization.directory.group_updated"
	DirectoryGroupDeleted = "organization.directory.group_deleted"
	DirectoryChanged      = "directory.changed"
	DirectoryPaused       = "directory.paused"
	DirectoryResumed      = "directory.resumed"
	DirectoryHeld         = "directory.held"    // removals wait for a manager
	DirectoryDecided      = "directory.decided" // and no more
	DirectoryTokenCreated = "directory.token_created"
	DirectoryTokenRevoked = "directory.token_revoked"

	// A company's set-up handed over: by a link, and to an operator.
	SetUpLinkMade    = "set_up_link.created"
	SetUpLinkOpened  = "set_up_link.opened"
	SetUpLinkRevoked = "set_up_link.revoked"
	SetUpLinkExpired = "set_up_link.expired"
	SetUpBegan       = "set_up.began"
	SetUpEnded       = "set_up.ended"

	// Where events are posted to, and what was done about it by hand.
	WebhookCreated     = "webhook.created"
	WebhookChanged     = "webhook.changed"
	WebhookDeleted     = "webhook.deleted"
	WebhookSwitchedOn  = "webhook.switched_on"
	WebhookSwitchedOff = "webhook.switched_off"
	WebhookRotated     = "webhook.secret_rotated"
	WebhookRetired     = "webhook.secret_retired"
	WebhookTested      = "webhook.tested"
	WebhookReplayed    = "webhook.replayed"
	TokenCreated       = "api_token.created"
	TokenRevoked       = "api_token.revoked"
)

// Types lists every type, for filters and for the test that each has words in
// every language.
var Types = []string{AccessRefused, AccountCreated, AccountChanged, AccountDeactivated, AddressBounced, AddressReached, SignedIn, SignedOut, SessionRevoked, OrganizationChosen, SignInRefused, SteppedUp, PasskeyAdded, PasskeyRemoved, PasskeyRefused,
	CompanyCreated, CompanyChanged, OrganizationCreated, OrganizationChanged, ApplicationEnabled, ApplicationDisabled, ApplicationRegistered, ApplicationChanged, ApplicationEntered, ApplicationLeft, ApplicationTokenReplayed,
	ClientConnected, ClientChanged, ClientEnabled, ClientDisabled, ClientSecretCreated, ClientSecretRevoked, SigningKeysRotated, RoleRegistered, RoleChanged, RoleDeleted, RoleReplaced,
	FamilyRegistered, FamilyChanged, FamilyDeleted, FamilyApplied,
	MemberInvited, InvitationWithdrawn, MemberJoined, MemberRemoved, Offboarded, PersonBlocked, PersonUnblocked, IdentityUnlinked, RoleGranted, RoleRemoved,
	DelegationGranted, DelegationAccepted, DelegationDeclined, DelegationExtended, DelegationRevoked, DelegationGivenBack,
	DelegationExpired, DelegationSuspended, DelegationConfirmed, DelegationQuestioned, DelegationEndSet, DelegationMoreAsked, DelegationMoreRefused,
	DelegationProposed, DelegationApproved, DelegationRejected, DelegationWithdrawn, DelegationLapsed, DelegationAmended,
	DelegationWatchChanged, WatchDefaultChanged, DelegationWatchReset, VisitEntered, VisitLeft, VisitEnded, VisitRefused, VisitDenied, VisitHeld, AwayEntered, AwayLeft,
	RequestLinkMade, RequestLinkRemoved, RequestMade, RequestRefused, RequestWithdrawn,
	FirmGranted, FirmApproved, FirmExtended, FirmEnded, FirmVetoed, FirmVetoLifted, FirmNamed, FirmUnnamed,
	BreakGlassNamed, BreakGlassRemoved, BreakGlassEntered, BreakGlassEnded, SeatsChanged, SeatAwaited, SeatTaken,
	ConnectorCreated, ConnectorChanged, ConnectorDeleted, ConnectionCreated, ConnectionChanged, DomainAdded, DomainVerified, DomainRemoved, ProfileResolved,
	RunStarted, RunCanceled, RunHeld, RunFinished,
	SetUpLinkMade, SetUpLinkOpened, SetUpLinkRevoked, SetUpLinkExpired, SetUpBegan, SetUpEnded,
	DirectoryEnabled, DirectoryDisabled, DirectoryUserCreated, DirectoryUserUpdated, DirectoryUserDeleted, DirectoryGroupCreated, DirectoryGroupUpdated, DirectoryGroupDeleted,
	DirectoryChanged, DirectoryPaused, DirectoryResumed, DirectoryHeld, DirectoryDecided, DirectoryTokenCreated, DirectoryTokenRevoked,
	WebhookCreated, WebhookChanged, WebhookDeleted, WebhookSwitchedOn, WebhookSwitchedOff, WebhookRotated, WebhookRetired, WebhookTested, WebhookReplayed,
	TokenCreated, TokenRevoked}
