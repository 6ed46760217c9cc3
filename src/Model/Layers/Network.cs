using Lockstep.Model.Data;
using Lockstep.Model.Kernels;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Layers;

/// <summary>The layers of a model on top of the examples. One per thread.</summary>
internal sealed class Network
{
    private readonly LayerContext _context;
    private readonly Layer[] _layers;
    private readonly ParameterLayout _layout;
    private readonly InputTraining _training;
    private readonly int _lowestTrained;
    private ExampleInput? _input;

    /// <summary>A network.</summary>
    /// <param name="layout">The model's parameters.</param>
    /// <param name="width">Form of the kernels.</param>
    /// <param name="training">What training does to the examples; null for nothing.</param>
    /// <param name="seed">The run's seed; unused without training.</param>
    public Network(ParameterLayout layout, SimdWidth width, InputTraining? training = null, ulong seed = 0)
    {
        _layout = layout;
        _training = training ?? new InputTraining();
        _context = new LayerContext(width, new MatrixPanels(), seed);
        _layers = [.. layout.Layers.Select((layer, i) => Layer.Of(layer, i, _context))];
        _lowestTrained = layout.Layers.TakeWhile(layer => !layer.Parameters.Any(parameter => parameter.IsTrainable)).Count();
    }

    /// <summary>The layers, from the input up.</summary>
    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>
    /// Output of the last <see cref="Forward"/>, [rows, <see cref="OutputStride"/>]. The loss converts it to its gradient in place, for
    /// <see cref="Backward"/>.
    /// </summary>
    public Span<float> Output => _layers[^1].Values;

    /// <summary>Floats of a row of the output, with padding.</summary>
    public int OutputStride => _layers[^1].Output.Stride;

    /// <summary>Computes what does not depend on weights or examples, for a training step.</summary>
    public void Prepare(in BatchRows rows)
    {
        Begin(rows.Count);
        foreach (Layer layer in _layers)
            layer.Prepare(rows);
    }

    /// <summary>Loads the examples of a batch, one per row.</summary>
    /// <param name="examples">The set.</param>
    /// <param name="indices">The example of each row.</param>
    /// <param name="rows">The rows of a training step, for augmentation and input dropout; null for evaluation.</param>
    public void Load(Examples examples, ReadOnlySpan<int> indices, in BatchRows? rows)
    {
        Begin(indices.Length);
        if (_input is null || !_input.Reads(examples))
            _input = ExampleInput.Of(examples, _layout.Layers[0].Spec, _training, _context);
        _input.Load(examples, indices, rows);
    }

    /// <summary>Computes the output for the loaded batch.</summary>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="bounds">First row of each shard, and the end of the last.</param>
    /// <param name="isTraining">Whether to apply dropout and to use the statistics of the batch.</param>
    public void Forward(ReadOnlySpan<float> weights, ReadOnlySpan<int> bounds, bool isTraining)
    {
        LayerInput below = _input!;
        foreach (Layer layer in _layers)
        {
            layer.Forward(weights, below, bounds, isTraining);
            below = layer.Output;
        }
    }

    /// <summary>
    /// Computes the gradient sums of all trained parameters. Requires <see cref="Forward"/> in training mode and deltas in
    /// <see cref="Output"/>.
    /// </summary>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="bounds">First row of each shard, and the end of the last.</param>
    /// <param name="gradient">Overwritten completely: the gradients of the trainable part of the flat vector.</param>
    public void Backward(ReadOnlySpan<float> weights, ReadOnlySpan<int> bounds, Span<float> gradient)
    {
        Span<float> deltas = Output;
        for (int i = _layers.Length - 1; i >= _lowestTrained; i--)
        {
            Span<float> deltasBelow = i == _lowestTrained ? default : _layers[i - 1].Deltas;
            _layers[i].Backward(weights, i == 0 ? _input! : _layers[i - 1].Output, bounds, deltas, gradient, deltasBelow);
            deltas = deltasBelow;
        }
    }

    /// <summary>Prepares for a batch of <paramref name="rows"/> rows.</summary>
    public void Begin(int rows)
    {
        foreach (Layer layer in _layers)
            layer.Begin(rows);
    }
}
