// Package provisioning turns what a company's identity provider says of a
// person into roles.
//
// It has one engine. A Profile is what is known of one person; a Connector is a
// rule, a condition over the profile and a role at a target; Compile makes many
// connectors into Rules; Rules.Resolve gives the roles of one profile, each with
// the evidence for it. Sign-in, directory changes, previews, replays and the
// recompute run use this engine and nothing else, so that what a preview shows
// is what a sign-in does.
//
// The engine is pure: it must never read a database, a clock or the network,
// and it never keeps or changes the profiles it is given. Around it stand the
// operations: Connectors keeps the rules of companies and writes what they give
// as grants. They must never decide by themselves who matches.
package provisioning
