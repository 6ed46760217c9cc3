using Lockstep.Coordinator.Runs;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Shared.Cluster;

namespace Lockstep.Coordinator.Links;

/// <summary>What the links to all workers of a run have in common.</summary>
/// <param name="Spec">What is trained.</param>
/// <param name="State">Identity of the run.</param>
/// <param name="Data">What every worker gets.</param>
/// <param name="Gradients">Buffers for what is received.</param>
/// <param name="Coordinator">Told when a worker is ready, wants to leave or is lost.</param>
/// <param name="ParameterServer">Gets the gradients.</param>
/// <param name="Time">Tells when to ping, and cuts off whom is refused and does not listen.</param>
internal sealed record LinkContext(
    RunSpec Spec, RunState State, Lazy<TrainingData> Data, GradientPool Gradients, IMailbox Coordinator, IMailbox ParameterServer, TimeProvider Time);
