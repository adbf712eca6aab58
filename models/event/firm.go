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
	// In the firm's own company: whom its manager named, and took back.
	FirmNamed   = "firm_delegation.named"
	FirmUnnamed = "firm_delegation.unnamed"
)
