using Lockstep.Shared.Cluster;

namespace Lockstep.Coordinator.Server;

/// <summary>Receivers of the parameter server's messages.</summary>
/// <param name="Self">Its own mailbox, for answers.</param>
/// <param name="Coordinator">Receives reports, warnings and the end of training.</param>
/// <param name="Evaluator">Receives weights to evaluate.</param>
/// <param name="Checkpointer">Receives snapshots and the trace.</param>
internal sealed record ParameterServerMailboxes(IMailbox Self, IMailbox Coordinator, IMailbox Evaluator, IMailbox Checkpointer);
