namespace Lockstep.Model.Kernels;

/// <summary>Sizes of a convolution, and the terms of its sums.</summary>
internal sealed class ConvolutionShape
{
    /// <summary>A convolution.</summary>
    /// <param name="input">The maps below.</param>
    /// <param name="channels">Maps above.</param>
    /// <param name="kernel">Rows and columns of a filter.</param>
    /// <param name="stride">Distance of two places of a filter.</param>
    /// <param name="padding">Zeros around each map below.</param>
    public ConvolutionShape(MapShape input, int channels, int kernel, int stride, int padding)
    {
        (Input, Kernel, Stride, Padding) = (input, kernel, stride, padding);
        Padded = new MapShape(input.Height + 2 * padding, input.Width + 2 * padding, input.Channels);
        Output = new MapShape((Padded.Height - kernel) / stride + 1, (Padded.Width - kernel) / stride + 1, channels);
        Spread = new MapShape(Padded.Height + kernel - 1, Padded.Width + kernel - 1, channels);
        WeightStride = Memory.RowPadding.Pad(channels);
        ForwardTerms = Terms(input.Channels, kernel, (channel, row, column, k) => new LaneTerm(
            k * WeightStride, (channel * Padded.Height + row) * Padded.Width * MapShape.Lanes + column * MapShape.Lanes));
        InputTerms = [.. Enumerable.Range(padding, input.Height).Select(RowTerms)];
        WeightTerms = [.. Places(Output).Select(place => new LaneTerm(
            (place.Row * Output.Width + place.Column) * MapShape.Lanes,
            (place.Row * Padded.Width + place.Column) * stride * MapShape.Lanes))];
        BiasTerms = [.. WeightTerms.Select(term => term with { Right = 0 })];
    }

    /// <summary>The maps below.</summary>
    public MapShape Input { get; }

    /// <summary>The maps below with zeros around them.</summary>
    public MapShape Padded { get; }

    /// <summary>The maps above.</summary>
    public MapShape Output { get; }

    /// <summary>
    /// The gradients of the maps above as the gradient of the input reads them: at the distance of the stride, with zeros between and
    /// around them.
    /// </summary>
    public MapShape Spread { get; }

    /// <summary>Rows and columns of a filter.</summary>
    public int Kernel { get; }

    /// <summary>Distance of two places of a filter.</summary>
    public int Stride { get; }

    /// <summary>Zeros on each side of a map below.</summary>
    public int Padding { get; }

    /// <summary>Weights of a filter: rows of the weights, [channel below, row, column].</summary>
    public int FilterWeights => Input.Channels * Kernel * Kernel;

    /// <summary>Floats of a row of the weights: one a channel above, with padding.</summary>
    public int WeightStride { get; }

    /// <summary>Floats of a row of the transposed weights: one a channel below, with padding.</summary>
    public int FilterStride => Memory.RowPadding.Pad(Input.Channels);

    /// <summary>Terms of a value above: in the weights, and in the padded maps from the filter's first place on.</summary>
    public LaneTerm[] ForwardTerms { get; }

    /// <summary>
    /// Terms of the gradient of a value below, for each row of the maps: in the transposed weights, and in the spread gradients. Rows of
    /// filters that meet no row above are left out.
    /// </summary>
    public LaneTerm[][] InputTerms { get; }

    /// <summary>Terms of a weight's gradient: in the gradients of one channel above, and in the padded maps.</summary>
    public LaneTerm[] WeightTerms { get; }

    /// <summary>Terms of a bias's gradient: in the gradients of one channel above, and in a vector of ones.</summary>
    public LaneTerm[] BiasTerms { get; }

    private LaneTerm[] RowTerms(int paddedRow)
    {
        LaneTerm[] all = Terms(Output.Channels, Kernel, (channel, row, column, k) => new LaneTerm(
            k * FilterStride, ((channel * Spread.Height + Kernel - 1 - row) * Spread.Width + Kernel - 1 - column) * MapShape.Lanes));
        return [.. all.Where((_, k) => Meets(paddedRow - k / Kernel % Kernel))];

        bool Meets(int row) => row >= 0 && row % Stride == 0 && row / Stride < Output.Height;
    }

    private static LaneTerm[] Terms(int channels, int kernel, Func<int, int, int, int, LaneTerm> term)
    {
        var terms = new LaneTerm[channels * kernel * kernel];
        for (int k = 0; k < terms.Length; k++)
            terms[k] = term(k / (kernel * kernel), k / kernel % kernel, k % kernel, k);
        return terms;
    }

    private static IEnumerable<(int Row, int Column)> Places(MapShape shape)
    {
        for (int row = 0; row < shape.Height; row++)
        {
            for (int column = 0; column < shape.Width; column++)
                yield return (row, column);
        }
    }
}
