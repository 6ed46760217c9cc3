using Lockstep.Shared.Cluster;

namespace Lockstep.Coordinator.Server;

/// <summary>Where the parameter server's messages go.</summary>
/// <param name="Self">Its own mailbox, for answers.</param>
/// <param name="Coordinator">Reports, warnings and the end of training.</param>
/// <param name="Evaluator">Weights to evaluate.</param>
/// <param name="Checkpointer">Snapshots and the trace.</param>
internal sealed record ParameterServerMailboxes(IMailbox Self, IMailbox Coordinator, IMailbox Evaluator, IMailbox Checkpointer);
