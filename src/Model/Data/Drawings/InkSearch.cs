namespace Lockstep.Model.Data.Drawings;

/// <summary>
/// Searches a picture for ink that is darker than its paper. The strength of ink is the share of the paper's light that it takes, so it
/// is the same in light and in shadow.
/// </summary>
internal sealed class InkSearch
{
    private const int Levels = 256;

    // Ink below this share of the full is grain of the paper; in an uneven picture, below the other.
    private const float Grain = 0.1f, UnevenGrain = 0.3f;

    // What differs from the middle by less than this many median deviations is as uneven as most of the picture is.
    private const float Deviations = 6, MostUnevenness = 0.5f, LeastThreshold = 0.05f;

    // Darker paper counts as this share of the lightest: in the dark there is more noise than ink.
    private const float DarkestPaper = 0.2f;

    // How often what hangs together with the border is searched for stronger ink, and the share of the picture's side that this must have.
    private const int Attempts = 3;
    private const double LeastLength = 0.1;

    // The share of the picture that is ink at full strength when patches are found.
    private const double FullShare = 0.9;

    // Shares of the main patch: mass and peak below which another one is dirt, and how far its grey edges go.
    private const double LeastMass = 0.02, LeastPeak = 0.5, EdgeReach = 0.04;

    // Parts that are apart by less than twice this share of the main patch's longer side are of one drawing. Of several, those count that
    // have this share of the highest one's height.
    private const double Apart = 0.05, LeastHeight = 0.5;

    // What ink that touches the border counts: it may be the paper between a drawing and the table.
    private const double BorderShare = 0.4;

    // The squared difference of two pixels at a sharp edge: frames have sharper ones than ink.
    private const double SharpEdge = 0.04;

    private readonly int _width, _height;
    private readonly float[] _levels, _strengths, _paper;
    private readonly float _unevenness;

    private InkSearch(float[] levels, int width, int height)
    {
        (_levels, _width, _height) = (levels, width, height);
        _paper = Paper.Below(levels, width, height);
        float least = Math.Max(_paper.Max() * DarkestPaper, 1f / Levels);
        _strengths = new float[levels.Length];
        for (int p = 0; p < levels.Length; p++)
            _strengths[p] = (_paper[p] - levels[p]) / Math.Max(_paper[p], least);

        // The paper was estimated from its lightest grains; most of the picture is as dark as the middle one.
        Middle = Quantile(_strengths, 0.5);
        float[] deviations = new float[levels.Length];
        for (int p = 0; p < levels.Length; p++)
        {
            deviations[p] = Math.Abs(_strengths[p] - Middle);
            _strengths[p] = Math.Max(0, _strengths[p] - Middle);
        }

        _unevenness = Math.Min(MostUnevenness, Deviations * Quantile(deviations, 0.5));
    }

    /// <summary>Strength of the picture's middle pixel: near 0 if most of the picture is paper.</summary>
    public float Middle { get; }

    /// <summary>Whether all ink comes from beyond the picture's border.</summary>
    public bool IsOutside { get; private set; }

    /// <summary>
    /// How long and sharp the outline of the ink is: the sum of the squared differences of levels across it, each at most that of
    /// a sharp edge, times their mean's square; a part of it for ink that touches the border.
    /// </summary>
    public double Outline { get; private set; }

    /// <summary>The drawing; null if there is no ink.</summary>
    public Drawing? Found { get; private set; }

    /// <summary>Searches a picture.</summary>
    /// <param name="levels">[height, width], 0 for black to 1.</param>
    /// <param name="width">Pixels of one row.</param>
    /// <param name="height">Rows.</param>
    public static InkSearch Of(float[] levels, int width, int height)
    {
        var search = new InkSearch(levels, width, height);
        List<Patch> patches = search.FindPatches();
        if (patches.Count > 0)
            search.Keep(patches);
        return search;
    }

    /// <summary>
    /// The patches of ink, without those from outside of the picture. Where there are no others, ink may hang together with a shadow or
    /// the table: the search begins again with what is stronger. Failing that, what is from outside is the ink.
    /// </summary>
    private List<Patch> FindPatches()
    {
        float[] all = [.. _strengths];
        float above = -1;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            float threshold = Threshold(above);
            List<Patch> patches = FindInside(above);
            if (patches.Exists(patch => attempt == 0 || patch.LongerSide > LeastLength * Math.Min(_width, _height)))
                return patches;
            all.CopyTo(_strengths, 0);
            above = threshold;
        }

        IsOutside = true;
        return Patch.Find(_strengths, _width, _height, Threshold(-1));
    }

    /// <summary>Removes what is from outside of the picture, and finds the patches of the rest.</summary>
    private List<Patch> FindInside(float above)
    {
        while (true)
        {
            List<Patch> patches = Patch.Find(_strengths, _width, _height, Threshold(above));
            List<Patch> outside = [.. patches.Where(patch => patch.IsFromOutside)];
            if (outside.Count == 0)
                return patches;
            Erase(outside);
        }
    }

    /// <summary>Removes patches with their grey edges.</summary>
    private void Erase(List<Patch> patches)
    {
        float[] mask = Mask(patches, 1 + Math.Min(_width, _height) / 100);
        for (int p = 0; p < mask.Length; p++)
        {
            if (mask[p] > 0)
                _strengths[p] = 0;
        }
    }

    private void Keep(List<Patch> patches)
    {
        Patch main = patches.MaxBy(patch => patch.Mass)!;
        List<Patch> kept = [.. patches.Where(patch => patch.Mass >= LeastMass * main.Mass && patch.Peak >= LeastPeak * main.Peak)];
        float full = Quantile([.. kept.SelectMany(patch => patch.Pixels.Select(p => _strengths[p]))], FullShare);
        float contrast = kept.Max(patch => patch.Pixels.Max(p => _strengths[p] * _paper[p]));
        if (contrast < Ink.LeastContrast)
            return;

        float[] mask = Mask(kept, Math.Max(1, (int)(EdgeReach * main.LongerSide)));
        float[] ink = new float[_strengths.Length];
        float least = Math.Max(Grain * full, Math.Min(UnevenGrain * full, _unevenness));
        for (int p = 0; p < ink.Length; p++)
            ink[p] = mask[p] > 0 && _strengths[p] >= least ? Math.Min(1, _strengths[p] / full) : 0;

        Outline = OutlineOf(kept);
        Found = new Drawing(ink, _width, _height, contrast, Count(kept, main), kept.Exists(patch => patch.TouchesBorder));
    }

    private double OutlineOf(List<Patch> kept)
    {
        bool[] isInk = new bool[_strengths.Length];
        foreach (int p in kept.SelectMany(patch => patch.Pixels))
            isInk[p] = true;
        double sum = 0;
        int length = 0;
        for (int p = 0; p < isInk.Length; p++)
        {
            if (p % _width > 0 && isInk[p] != isInk[p - 1])
                (sum, length) = (sum + Sharpness(_levels[p], _levels[p - 1]), length + 1);
            if (p >= _width && isInk[p] != isInk[p - _width])
                (sum, length) = (sum + Sharpness(_levels[p], _levels[p - _width]), length + 1);
        }

        double mean = sum / Math.Max(1, length);
        return sum * mean * mean * (kept.Exists(patch => patch.TouchesBorder) ? BorderShare : 1);
    }

    private int Count(List<Patch> kept, Patch main)
    {
        float[] mask = Mask(kept, Math.Max(1, (int)(Apart * main.LongerSide)));
        List<Patch> groups = Patch.Find(mask, _width, _height, 0);
        int highest = groups.Max(group => group.Height);
        return groups.Count(group => group.Height >= LeastHeight * highest);
    }

    /// <summary>[height, width]: 1 at the pixels of patches, and at most <paramref name="reach"/> columns and rows from them.</summary>
    private float[] Mask(List<Patch> patches, int reach)
    {
        float[] mask = new float[_strengths.Length];
        foreach (Patch patch in patches)
        {
            foreach (int p in patch.Pixels)
                mask[p] = 1;
        }

        return Paper.Extreme(mask, _width, _height, reach, Math.Max);
    }

    /// <summary>
    /// The threshold between paper and ink that makes the variance between both largest (Otsu, <i>A threshold selection method from
    /// gray-level histograms</i>, 1979), at least what is as uneven as most of the picture.
    /// </summary>
    /// <param name="above">Only pixels of more strength than this count.</param>
    private float Threshold(float above)
    {
        Span<int> histogram = stackalloc int[Levels];
        long count = 0, total = 0;
        foreach (float strength in _strengths)
        {
            if (strength <= above)
                continue;
            count++;
            int level = Math.Min(Levels - 1, (int)(strength * Levels));
            histogram[level]++;
            total += level;
        }

        (int best, double bestVariance) = (0, -1);
        long below = 0, sum = 0;
        for (int level = 0; level < Levels - 1; level++)
        {
            below += histogram[level];
            sum += (long)level * histogram[level];
            long rest = count - below;
            if (below == 0 || rest == 0)
                continue;
            double difference = (double)sum / below - (double)(total - sum) / rest;
            double variance = difference * difference * below * rest;
            if (variance > bestVariance)
                (best, bestVariance) = (level, variance);
        }

        return Math.Max((best + 1f) / Levels, Math.Max(_unevenness, LeastThreshold));
    }

    private static double Sharpness(float one, float other) => Math.Min(SharpEdge, (double)(one - other) * (one - other));

    private static float Quantile(float[] values, double share)
    {
        float[] sorted = [.. values];
        Array.Sort(sorted);
        return sorted[(int)(share * (sorted.Length - 1))];
    }
}
