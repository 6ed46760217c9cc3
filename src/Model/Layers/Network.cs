using System.Runtime.InteropServices;
using Lockstep.Model.Kernels;
using Lockstep.Model.Memory;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Layers;

/// <summary>
/// Forward and backward pass of a batch, and the memory they need. One per thread. The memory grows to the largest batch seen; after that
/// nothing is allocated. Activations, masks and deltas are [rows, stride of the layer]; the padding of deltas is zero.
/// </summary>
internal sealed class Network(ParameterLayout layout, SimdWidth width)
{
    private static readonly float[] One = [1f];

    private readonly AlignedBuffer?[] _activations = new AlignedBuffer?[layout.Layers.Count];
    private readonly AlignedBuffer?[] _deltas = new AlignedBuffer?[layout.Layers.Count - 1];
    private readonly AlignedBuffer?[] _masks = new AlignedBuffer?[layout.Layers.Count - 1];
    private readonly MatrixPanels _panels = new();
    private readonly InputBatch _input = InputBatch.For(layout.Layers[0].Weights.Rows, layout.Layers[0].Weights.Stride);
    private readonly int _lowestTrained = LowestTrained(layout);
    private int _capacity;

    /// <summary>Logits of the last <see cref="Forward"/>: [rows, stride of the last layer].</summary>
    public Span<float> Logits(int rows) => Rows(_activations, layout.Layers.Count - 1, rows);

    /// <summary>Dropout mask of a hidden layer, to be filled before <see cref="Forward"/>: all bits set where a unit is kept.</summary>
    public Span<uint> Mask(int layer, int rows)
    {
        Reserve(rows);
        return MemoryMarshal.Cast<float, uint>(Rows(_masks, layer, rows));
    }

    /// <summary>Takes the images of a batch, one per row.</summary>
    public void Load(in PixelBatch batch)
    {
        Reserve(batch.Count);
        _input.Load(batch);
    }

    /// <summary>Computes the logits of the loaded batch.</summary>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="dropout">Whether hidden layers with a keep probability below 1 drop units, by their <see cref="Mask"/>.</param>
    public void Forward(ReadOnlySpan<float> weights, bool dropout)
    {
        int rows = _input.Rows;
        for (int i = 0; i < layout.Layers.Count; i++)
        {
            (Specs.LayerSpec spec, Parameter w, Parameter b) = layout.Layers[i];
            ReadOnlySpan<float> matrix = weights.Slice(w.Offset, w.PaddedCount), biases = weights.Slice(b.Offset, b.PaddedCount);
            Span<float> z = Rows(_activations, i, rows);
            if (i == 0)
            {
                _input.Forward(width, matrix, biases, z, w.Stride);
            }
            else
            {
                int below = layout.Layers[i - 1].Weights.Stride;
                var a = new Strided(Rows(_activations, i - 1, rows), below, 1);
                MatrixProduct.Run(width, _panels, rows, w.Stride, a, new Strided(matrix, w.Stride, 1), [0, w.Rows], biases, z, w.Stride);
            }

            if (i < layout.Layers.Count - 1)
                Activations.Forward(width, spec, z, dropout && spec.KeepProb < 1.0 ? Mask(i, rows) : default);
        }
    }

    /// <summary>
    /// Computes the gradient sum of all parameters that are trained, after <see cref="Forward"/> with dropout, and after its logits were turned into deltas.
    /// </summary>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="bounds">First row of every shard, and the end of the last.</param>
    /// <param name="gradient">Written whole: the gradients of the trainable part of the flat vector.</param>
    public void Backward(ReadOnlySpan<float> weights, ReadOnlySpan<int> bounds, Span<float> gradient)
    {
        int rows = _input.Rows;
        Span<float> deltas = Logits(rows);
        for (int i = layout.Layers.Count - 1; i >= _lowestTrained; i--)
        {
            (_, Parameter w, Parameter b) = layout.Layers[i];
            if (b.IsTrainable)
                MatrixProduct.Run(width, _panels, 1, w.Stride, new Strided(One, 0, 0), new Strided(deltas, w.Stride, 1), bounds, default, gradient.Slice(b.Offset, b.PaddedCount), w.Stride);
            if (i == 0)
            {
                if (w.IsTrainable)
                    _input.Gradient(width, bounds, deltas, gradient.Slice(w.Offset, w.PaddedCount), w.Stride);
                break;
            }

            int below = layout.Layers[i - 1].Weights.Stride;
            ReadOnlySpan<float> activations = Rows(_activations, i - 1, rows);
            if (w.IsTrainable)
            {
                MatrixProduct.Run(
                    width, _panels, w.Rows, w.Stride, new Strided(activations, 1, below), new Strided(deltas, w.Stride, 1), bounds, default, gradient.Slice(w.Offset, w.PaddedCount), w.Stride);
            }

            if (i == _lowestTrained)
                break;
            Span<float> deltasBelow = Rows(_deltas, i - 1, rows);
            var turned = new Strided(weights.Slice(w.Offset, w.PaddedCount), 1, w.Stride);
            MatrixProduct.Run(width, _panels, rows, w.Rows, new Strided(deltas, w.Stride, 1), turned, [0, w.Columns], default, deltasBelow, below);
            Specs.LayerSpec layerBelow = layout.Layers[i - 1].Spec;
            Activations.Backward(width, layerBelow, deltasBelow, activations, layerBelow.KeepProb < 1.0 ? Mask(i - 1, rows) : default, below);
            deltas = deltasBelow;
        }
    }

    /// <summary>The lowest layer with a parameter that is trained: gradients need not go below it.</summary>
    private static int LowestTrained(ParameterLayout layout)
    {
        int lowest = 0;
        while (lowest < layout.Layers.Count - 1 && !layout.Layers[lowest].Weights.IsTrainable && !layout.Layers[lowest].Biases.IsTrainable)
            lowest++;
        return lowest;
    }

    private Span<float> Rows(AlignedBuffer?[] buffers, int layer, int rows) => buffers[layer]!.Span[..(rows * layout.Layers[layer].Weights.Stride)];

    private void Reserve(int rows)
    {
        if (rows <= _capacity)
            return;
        _capacity = rows;
        for (int i = 0; i < layout.Layers.Count; i++)
        {
            Parameter w = layout.Layers[i].Weights;
            _activations[i] = new AlignedBuffer(checked(rows * w.Stride));
            if (i < _deltas.Length)
                _deltas[i] = new AlignedBuffer(rows * w.Stride);
            if (i < _masks.Length)
                _masks[i] = layout.Layers[i].Spec.KeepProb < 1.0 ? new AlignedBuffer(rows * w.Stride) : null;
        }
    }
}
