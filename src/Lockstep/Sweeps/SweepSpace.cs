using System.Runtime.Intrinsics;
using Lockstep.Model.Random;

namespace Lockstep.Sweeps;

/// <summary>Combinations of values to try.</summary>
public static class SweepSpace
{
    /// <summary>All combinations; the last parameter varies fastest.</summary>
    /// <param name="parameters">Each with a list of values.</param>
    public static IReadOnlyList<SweepPoint> Grid(IReadOnlyList<SweepParameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        IEnumerable<IEnumerable<KeyValuePair<string, string>>> points = [[]];
        foreach (SweepParameter parameter in parameters)
        {
            points = points.SelectMany(
                point => parameter.Values.Select(value => point.Append(new KeyValuePair<string, string>(parameter.Name, value))));
        }

        return [.. points.Select(point => new SweepPoint([.. point]))];
    }

    /// <summary>
    /// Random combinations, the same ones on every machine. The number of parameter p in draw t is the first 64 bits of the Philox block
    /// with counter (0, p, t, purpose) and the seed as its key. A combination that was drawn before is left out.
    /// </summary>
    /// <param name="parameters">Each with a list or a range.</param>
    /// <param name="count">Draws.</param>
    /// <param name="seed">Key of the draws.</param>
    public static IReadOnlyList<SweepPoint> Draw(IReadOnlyList<SweepParameter> parameters, int count, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        uint tag = Philox4x32.Tag(RandomPurpose.Sweep);
        return
        [
            .. Enumerable.Range(0, count)
                .Select(draw => new SweepPoint([.. parameters.Select((parameter, i) => new KeyValuePair<string, string>(
                    parameter.Name, ValueOf(parameter, Philox4x32.Block(0, (uint)i, (uint)draw, tag, seed).AsUInt64()[0])))]))
                .DistinctBy(point => point.ToString()),
        ];
    }

    private static string ValueOf(SweepParameter parameter, ulong bits) => parameter.Range is { } range
        // 53 bits are a double exactly.
        ? range.TextAt((bits >> 11) * (1.0 / (1UL << 53)))
        : parameter.Values[Philox4x32.Below(bits, parameter.Values.Count)];
}
