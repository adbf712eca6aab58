package event

// Organizations are asked for delegations, and give them to firms.
const (
	RequestLinkMade    = "request_link.created"
	RequestLinkRemoved = "request_link.removed"
	RequestMade        = "delegation_request.created"
	RequestRefused     = "delegation_request.refused"
	RequestWithdrawn   = "delegation_request.withdrawn"

	FirmGranted    = "firm_delegation.granted"
	FirmApproved   = "firm_delegation.approved"
	FirmExtended   = "firm_delegation.extended"
	FirmEnded      = "firm_delegation.ended"
	FirmVetoed     = "firm_delegation.vetoed"
	FirmVetoLifted = "firm_delegation.veto_lifted"
	FirmLapsed     = "firm_delegation.lapsed"  // nobody approved it in time
	FirmExpired    = "firm_delegation.expired" // its period is over
	// Whether it goes on: the host is asked, and answers, or does not.
	FirmQuestioned = "firm_delegation.questioned"
	FirmConfirmed  = "firm_delegation.confirmed"
	FirmSuspended  = "firm_delegation.suspended"
	FirmEndSet     = "firm_delegation.end_set"
	// A later end where another superuser has to agree.
	FirmExtensionProposed  = "firm_delegation.extension_proposed"
	FirmExtensionRejected  = "firm_delegation.extension_rejected"
	FirmExtensionWithdrawn = "firm_delegation.extension_withdrawn"
	FirmExtensionLapsed    = "firm_delegation.extension_lapsed"
	// In the firm's own company: whom its manager named, and took back.
	FirmNamed   = "firm_delegation.named"
	FirmUnnamed = "firm_delegation.unnamed"
)
