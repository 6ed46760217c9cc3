using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Coordinator.Runs;

/// <summary>Identity of a run and of this term, and the initial state.</summary>
internal sealed class RunState
{
    private readonly RunSpec _spec;
    private readonly Checkpoint? _resumed;
    private readonly IReadOnlyList<NamedTensor> _restored;
    private readonly Lazy<float[]> _frozen;

    /// <summary>The state of a run that begins or is resumed.</summary>
    /// <param name="options">What to train, and where to continue from.</param>
    /// <param name="run">Number of the run.</param>
    /// <param name="term">Its leader's term.</param>
    public RunState(TrainingOptions options, ulong run, int term)
    {
        (_spec, _resumed, _restored) = (options.Spec, options.ResumeFrom, options.Restored);
        Layout = new ParameterLayout(options.Spec.Model);
        (Run, Term) = (run, term);
        _frozen = new Lazy<float[]>(FrozenParameters);
    }

    /// <summary>What is trained.</summary>
    public RunSpec Spec => _spec;

    /// <summary>A number for a new run.</summary>
    public static ulong NewRun() => (ulong)Random.Shared.NextInt64(1, long.MaxValue);

    /// <summary>Number of the run, in every frame; kept on resume.</summary>
    public ulong Run { get; }

    /// <summary><see cref="Run"/> as 16 hexadecimal digits.</summary>
    public string RunId => Run.ToString("x16");

    /// <summary>The leader's term, in every frame.</summary>
    public int Term { get; }

    /// <summary>Layout of weights, gradients and optimizer state.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>0, or the step resumed from.</summary>
    public long FirstStep => _resumed?.Step ?? 0;

    /// <summary>What the rule that ends the run early remembers at <see cref="FirstStep"/>.</summary>
    public StopState Stopping => _resumed?.Stopping ?? default;

    /// <summary>The parameters that are not trained: no step changes them. Empty for none.</summary>
    public ReadOnlyMemory<float> Frozen => _frozen.Value;

    /// <summary>
    /// Fills weights and optimizer state with initial, restored or saved values. Returns the statistics that are not yet reported.
    /// </summary>
    public NodeStatistics Initialize(Span<float> weights, Span<float> state)
    {
        Initialize(weights);
        if (_resumed is null)
            return default;
        CheckpointTensors.CopySlotsTo(_resumed.Slots, Layout, state);
        return _resumed.Unreported;
    }

    private void Initialize(Span<float> weights)
    {
        if (_resumed is not null)
        {
            CheckpointTensors.CopyTo(_resumed.Parameters, Layout, weights);
            return;
        }

        Initialization.Fill(_spec, Layout, weights);
        CheckpointTensors.Overlay(_restored, Layout, weights);
    }

    private float[] FrozenParameters()
    {
        if (Layout.TrainableLength == Layout.Length)
            return [];
        float[] all = new float[Layout.Length];
        Initialize(all);
        return all[Layout.TrainableLength..];
    }
}
