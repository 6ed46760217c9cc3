using Lockstep.Coordinator.Links;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Optimizers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;

namespace Lockstep.Coordinator.Server;

/// <summary>
/// Updates the weights, with a second thread if the machine has a processor for it: the update is bound by memory bandwidth, and workers
/// wait for it. Both threads take parts of the vector as they become free, so a helper that wakes late only helps less.
/// </summary>
internal sealed class WeightsUpdate
{
    /// <summary>
    /// Floats of a part: a block of the gradient's norm. A part takes some microseconds, which bounds the time one thread waits for the
    /// other.
    /// </summary>
    private const int PartFloats = Optimizer.NormBlock;

    private readonly object _lock = new();
    private readonly Optimizer _optimizer;
    private readonly AlignedBuffer _state;
    private readonly double[] _squares;
    private readonly int _length;
    private readonly bool _isHelped;
    private BatchPosition _batch;
    private AlignedBuffer? _sum;
    private AlignedBuffer? _addend;
    private AlignedBuffer? _weights;
    private AlignedBuffer? _updated;
    private float _scale;
    private int _next;
    private bool _isOpen;
    private bool _isForNorm;
    private bool _stopped;
    private volatile bool _isHelping;
    private volatile bool _isFinite;

    public WeightsUpdate(RunSpec spec, ParameterLayout layout)
    {
        _optimizer = Optimizer.Create(spec, layout);
        _state = new AlignedBuffer(_optimizer.StateLength);
        _squares = new double[_optimizer.IsClipped ? _optimizer.NormBlocks : 0];
        _length = layout.TrainableLength;
        _isHelped = Environment.ProcessorCount > 1 && _length >= 4 * PartFloats;
        if (_isHelped)
            new Thread(Help) { IsBackground = true, Name = "update" }.Start();
    }

    /// <summary>Optimizer state after the last update.</summary>
    public Span<float> State => _state.Span;

    /// <summary>The run's learning rate at a step.</summary>
    public double LearningRate(long step) => _optimizer.LearningRate(step);

    /// <summary>
    /// Applies <see cref="Optimizer.Apply(BatchPosition, ReadOnlySpan{float}, ReadOnlySpan{float}, Span{float}, Span{float})"/> to the sum
    /// of a batch.
    /// </summary>
    /// <returns>Whether all written values are finite.</returns>
    public bool Apply(BatchPosition batch, NodeGradient sum, AlignedBuffer weights, AlignedBuffer updated)
    {
        if (!_isHelped)
            return _optimizer.Apply(batch, sum.Buffer.Span, Addend(sum.Addend?.Buffer), weights.Span, _state.Span, updated.Span);

        _batch = batch;
        _sum = sum.Buffer;
        _addend = sum.Addend?.Buffer;
        _weights = weights;
        _updated = updated;
        _isFinite = true;
        double squares = 0.0;
        if (_optimizer.IsClipped)
        {
            Share(isForNorm: true);
            foreach (double block in _squares)
                squares += block;
        }

        _scale = _optimizer.ScaleOf(batch, squares);
        Share(isForNorm: false);
        return _isFinite;
    }

    /// <summary>Ends the second thread.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _stopped = true;
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Goes through the vector, with the helper if it wakes in time; afterwards both are done.</summary>
    /// <param name="isForNorm">Whether the parts are for the gradient's norm; otherwise they are for the update.</param>
    private void Share(bool isForNorm)
    {
        lock (_lock)
        {
            _isForNorm = isForNorm;
            _next = 0;
            _isOpen = true;
            Monitor.Pulse(_lock);
        }

        TakeParts();
        lock (_lock)
            _isOpen = false;
        var wait = new SpinWait();
        while (_isHelping)
            wait.SpinOnce(sleep1Threshold: -1);
    }

    private void Help()
    {
        while (true)
        {
            lock (_lock)
            {
                _isHelping = false;
                while (!_stopped && !(_isOpen && _next < _length))
                    Monitor.Wait(_lock);
                if (_stopped)
                    return;
                _isHelping = true;
            }

            TakeParts();
        }
    }

    private void TakeParts()
    {
        ReadOnlySpan<float> sum = _sum!.Span, addend = Addend(_addend), weights = _weights!.Span;
        while (true)
        {
            int end = Interlocked.Add(ref _next, PartFloats), start = end - PartFloats;
            if (start >= _length)
                return;
            if (_isForNorm)
                _squares[start / PartFloats] = _optimizer.SquaresOf(start / PartFloats, sum, addend);
            else if (!_optimizer.ApplyPart(
                _batch, _scale, start, Math.Min(end, _length), sum, addend, weights, _state.Span, _updated!.Span))
                _isFinite = false;
        }
    }

    private static ReadOnlySpan<float> Addend(AlignedBuffer? addend) => addend is null ? default : addend.Span;
}
