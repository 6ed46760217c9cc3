using Lockstep.Coordinator.Runs;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Links;

/// <summary>What the links to all workers of a run share.</summary>
/// <param name="Spec">The run spec.</param>
/// <param name="State">Identity of the run.</param>
/// <param name="Data">The examples that every worker gets.</param>
/// <param name="SharedData">The same for the workers of this machine; null if they cannot share memory.</param>
/// <param name="Gradients">Buffers for received gradients.</param>
/// <param name="Coordinator">Told when a worker is ready, wants to leave or is lost.</param>
/// <param name="ParameterServer">Gets the gradients.</param>
/// <param name="Time">Clock for pings, and for closing the stream of a refused worker that does not read.</param>
internal sealed record LinkContext(
    RunSpec Spec, RunState State, Lazy<TrainingData> Data, Lazy<SharedExamples?> SharedData, GradientPool Gradients, IMailbox Coordinator,
    IMailbox ParameterServer, TimeProvider Time);
