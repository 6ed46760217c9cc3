using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Runs;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Leading;

/// <summary>What <see cref="Coordination"/> acts on, besides the mailboxes of other roles.</summary>
/// <param name="ParameterServer">Told who takes part, and when to end.</param>
/// <param name="Evaluator">Asked for the final evaluation.</param>
/// <param name="Followers">The coordinators that replicate this run.</param>
/// <param name="OpenLink">Opens a link: worker number, stream, what the worker gets first.</param>
/// <param name="Complete">Called once, with the result of the run.</param>
internal sealed record CoordinationPorts(
    IMailbox ParameterServer, IMailbox Evaluator, IFollowers Followers, Func<WorkerId, FrameStream, LinkStart, WorkerLink> OpenLink,
    Action<RunResult> Complete);
