namespace Lockstep.Model.Data.Drawings;

/// <summary>
/// Estimates the paper below a drawing in any light: a morphological closing, which fills what is dark and narrower than half of the
/// picture, and leaves slow changes, edges of shadows and large dark areas as they are.
/// </summary>
internal static class Paper
{
    // Paper changes slowly; averages also take out most of the grain.
    private const int Side = 96;

    /// <summary>The level of the paper at every pixel, for ink that is darker.</summary>
    /// <param name="levels">[height, width], 0 for black to 1.</param>
    /// <param name="width">Pixels of one row.</param>
    /// <param name="height">Rows.</param>
    public static float[] Below(float[] levels, int width, int height)
    {
        int longer = Math.Max(width, height);
        int columns = longer <= Side ? width : Math.Max(1, width * Side / longer);
        int rows = longer <= Side ? height : Math.Max(1, height * Side / longer);
        float[] small = Resampling.Scale(levels, width, 0, 0, width, height, columns, rows);
        int reach = Math.Max(1, Math.Min(columns, rows) / 4);
        small = Extreme(Extreme(small, columns, rows, reach, Math.Max), columns, rows, reach, Math.Min);
        return Resampling.Scale(small, columns, 0, 0, columns, rows, width, height);
    }

    /// <summary>The extreme value of each pixel's neighbours, which are at most <paramref name="reach"/> columns and rows away.</summary>
    /// <param name="values">[height, width].</param>
    /// <param name="width">Pixels of one row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="reach">Half of the square window.</param>
    /// <param name="pick">The larger or the smaller of two.</param>
    public static float[] Extreme(float[] values, int width, int height, int reach, Func<float, float, float> pick)
    {
        float[] across = new float[values.Length], all = new float[values.Length];
        for (int p = 0; p < values.Length; p++)
        {
            int x = p % width, row = p - x;
            across[p] = values[p];
            for (int k = Math.Max(0, x - reach); k <= Math.Min(width - 1, x + reach); k++)
                across[p] = pick(across[p], values[row + k]);
        }

        for (int p = 0; p < values.Length; p++)
        {
            int y = p / width, x = p - y * width;
            all[p] = across[p];
            for (int k = Math.Max(0, y - reach); k <= Math.Min(height - 1, y + reach); k++)
                all[p] = pick(all[p], across[k * width + x]);
        }

        return all;
    }
}
